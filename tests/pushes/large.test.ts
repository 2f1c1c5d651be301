import { execFile } from 'node:child_process'
import { createHmac, randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { mostBytes } from '../../server/pushes/receive.js'
import { type PushWorld, pushOf, pushWorld, sha, shop } from '../support/push-world.js'

const run = promisify(execFile)

let w: PushWorld
let folder: string
let secret = ''
beforeAll(async () => {
  w = await pushWorld()
  folder = mkdtempSync(join(tmpdir(), 'hostler-large-'))
})
afterAll(async () => {
  await w.close()
  rmSync(folder, { recursive: true })
})
beforeEach(async () => {
  await w.reset()
  await w.site()
  secret = await w.connect()
})

const kept = () => w.test.query('select length(body) as bytes from webhook_deliveries')
const text = JSON.stringify(pushOf({ filler: '' }))
const ofSize = (bytes: number) => text.replace('"filler":""', `"filler":"${'x'.repeat(bytes - text.length)}"`)

const sender = `
  const [url, file, headers] = process.argv.slice(1)
  const request = require('node:http').request(url, { method: 'POST', headers: JSON.parse(headers) })
  request.on('response', ({ statusCode }) => { console.log(statusCode); process.exit() }).on('error', () => undefined)
  require('node:fs').createReadStream(file).pipe(request)`

/** By a process of its own, as hosts are: what it costs to send is not to be taken for what it costs to receive. */
async function send(body: string, isTold = true): Promise<number> {
  const file = join(folder, randomUUID())
  writeFileSync(file, body)
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
    ...(isTold ? { 'content-length': body.length } : { 'transfer-encoding': 'chunked' }),
  }
  const { stdout } = await run(process.execPath, [
    '-e',
    sender,
    `${w.panel.url}/webhooks/github`,
    file,
    JSON.stringify(headers),
  ])
  return Number(stdout)
}

/** How many milliseconds this process works before others get a page meanwhile, the most last: no clock of a busy machine. */
async function waitsWhile(work: () => Promise<unknown>): Promise<number[]> {
  const waits: number[] = []
  let isOver = false
  const done = work().finally(() => {
    isOver = true
  })
  while (!isOver) {
    const before = process.cpuUsage()
    expect((await w.panel.browser().get('/sign-in')).status).toBe(200)
    const { user, system } = process.cpuUsage(before)
    waits.push((user + system) / 1000)
  }
  await done
  return waits.toSorted((a, b) => a - b)
}

describe('WH-05: a delivery', () => {
  it('may have 25 MB and not a byte more, told before or not; meanwhile others are answered', async () => {
    const answers: number[] = []
    const waits = await waitsWhile(async () => {
      answers.push(await send(ofSize(mostBytes)))
      answers.push(await send(ofSize(mostBytes + 1)))
      answers.push(await send(ofSize(mostBytes + 1), false))
      answers.push(await send(ofSize(mostBytes), false))
    })

    expect(answers).toEqual([202, 413, 413, 202])
    expect(await kept()).toEqual([{ bytes: mostBytes }, { bytes: mostBytes }])
    // This process sends the deliveries, too.
    expect(waits.at(-1)).toBeLessThan(1000)
  })

  it('may be nested, but not a hundred thousand levels deep, and is told so before it is read', async () => {
    const nested = (levels: number) =>
      `{"ref":"refs/heads/main","after":"${sha('a')}","repository":{"clone_url":"${shop}"},"x":${'[{"y":'.repeat(levels / 2)}0${'}]'.repeat(levels / 2)}}`

    expect((await w.deliver(secret, nested(998))).status).toBe(202)
    const { status, json } = await w.deliver(secret, nested(100_000))
    expect(status).toBe(400)
    expect(json.title).toContain('nested deeper than')
    expect((await w.deliver(secret, { text: '[{'.repeat(2000), ...pushOf() })).status).toBe(202)
    await w.judgeAll()

    expect(await w.test.query('select outcome from webhook_deliveries')).toEqual([
      { outcome: 'judged' },
      { outcome: 'judged' },
    ])
  })

  it('that never comes whole is given up after half a minute, and keeps nobody waiting', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] })
    try {
      const slow = Array.from({ length: 40 }, () => halfSent())
      await vi.waitFor(() => expect(vi.getTimerCount()).toBeGreaterThanOrEqual(40))
      expect((await w.panel.browser().get('/sign-in')).status).toBe(200)
      expect((await w.deliver(secret, pushOf())).status).toBe(202)

      vi.advanceTimersByTime(30_000)

      for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^HTTP\/1.1 408 /)
      expect(await kept()).toHaveLength(1)
    } finally {
      vi.useRealTimers()
    }
  })
})

/** What is said to somebody who begins a delivery and stops, once they are put out. */
function halfSent(): Promise<string> {
  const socket = connect(Number(new URL(w.panel.url).port), '127.0.0.1')
  const headers = [
    'Host: localhost',
    'Content-Length: 5000',
    'X-GitHub-Event: push',
    `X-GitHub-Delivery: ${randomUUID()}`,
  ]
  socket.write(`POST /webhooks/github HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n{"half":`)
  return new Promise((resolve) => {
    let said = ''
    socket.on('data', (chunk) => {
      said += chunk
    })
    socket.on('close', () => resolve(said))
  })
}

import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { json } from '../../../server/platform/http/reply.js'
import { receive } from '../../../server/platform/http/route.js'
import { type Panel, startPanel } from './panel.js'

const limit = 5 * 1024 * 1024
let panel: Panel
let seen: number[]
beforeAll(async () => {
  seen = []
  panel = await startPanel([
    receive('/hooks/:name', limit, async ({ input, params }) => {
      seen.push(input.bytes.length)
      return json({ name: params.name, bytes: input.bytes.length }, 202)
    }),
  ])
})
afterAll(() => panel.close())

const post = (body: Buffer | string, headers: Record<string, string> = {}) =>
  fetch(`${panel.url}/hooks/x`, { method: 'POST', body, headers })

/** A body that was announced and does not come. */
function halfSent(bytes: number) {
  const socket = connect(Number(new URL(panel.url).port), '127.0.0.1')
  const said = new Promise<string>((resolve) => {
    let text = ''
    socket.on('data', (chunk) => {
      text += chunk
    })
    socket.on('close', () => resolve(text))
  })
  socket.write(`POST /hooks/x HTTP/1.1\r\nHost: panel.test\r\nContent-Length: ${bytes}\r\n\r\nhalf`)
  return { socket, said }
}

describe('what another machine sends', () => {
  it('arrives as it came, of any type, without a token and whatever cookie there is', async () => {
    const answer = await post('a=b&\u0000', {
      'content-type': 'text/plain',
      cookie: 'session=x',
      origin: 'https://evil.example',
    })

    expect(answer.status).toBe(202)
    expect(await answer.json()).toEqual({ name: 'x', bytes: 5 })
    expect(answer.headers.get('set-cookie')).toBeNull()
  })

  it('is refused above the limit, packed, by another method, and with a query', async () => {
    expect((await post(Buffer.alloc(limit + 1))).status).toBe(413)
    expect((await post('x', { 'content-encoding': 'gzip' })).status).toBe(415)
    expect((await fetch(`${panel.url}/hooks/x`)).headers.get('allow')).toBe('POST')
    expect((await fetch(`${panel.url}/hooks/x?a=1`, { method: 'POST' })).status).toBe(400)
  })

  it('WH-05: is not kept waiting by large bodies that never come', async () => {
    const slow = Array.from({ length: 30 }, () => halfSent(limit))
    await vi.waitFor(async () => expect((await post(Buffer.alloc(limit))).status).toBe(503), { timeout: 5000 })

    expect((await post('small')).status).toBe(202)

    for (const { socket } of slow) socket.destroy()
    await vi.waitFor(async () => expect((await post(Buffer.alloc(limit))).status).toBe(202), { timeout: 5000 })
  })
})

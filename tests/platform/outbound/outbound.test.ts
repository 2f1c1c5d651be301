import { EventEmitter, once } from 'node:events'
import type { LookupFunction } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { parseAllowances } from '../../../server/platform/outbound/allowances.js'
import { createOutbound, type Outbound } from '../../../server/platform/outbound/outbound.js'
import { Secret } from '../../../server/platform/secret.js'
import { type Sink, startSink } from '../../support/sink.js'

let sink: Sink
const open: Outbound[] = []
beforeEach(async () => {
  sink = await startSink()
})
afterEach(async () => {
  for (const one of open.splice(0)) await one.close()
  await sink.close()
})

const token = 'canary-token-0123456789'

/** A name that resolves to these addresses, one list for each time that somebody asks. */
const resolvingTo = (...answers: string[][]): LookupFunction & { asked: number } =>
  Object.assign(
    ((_name, _options, callback) => {
      const addresses = answers[Math.min(lookup.asked++, answers.length - 1)] ?? []
      callback(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      )
    }) as LookupFunction,
    { asked: 0 },
  )
let lookup: LookupFunction & { asked: number }

function outbound(allow: string, answers: string[][] = [['127.0.0.1']], deadlineMs = 10_000): Outbound {
  lookup = resolvingTo(...answers)
  const made = createOutbound({ allowances: parseAllowances(allow), lookup, deadlineMs })
  open.push(made)
  return made
}

const post = (from: Outbound, url: string) =>
  from.send({ method: 'POST', url, headers: { authorization: new Secret(`Bearer ${token}`) }, body: '{"a":1}' })

describe('requests to addresses that users gave', () => {
  it('SF-02: checks the address that is connected to, also when the name says another one later', async () => {
    const from = outbound('', [['127.0.0.1'], ['93.184.216.34']])

    await expect(post(from, `https://rebind.example.com:${sink.port}/`)).rejects.toThrow(
      'rebind.example.com leads to 127.0.0.1, which is not on the internet',
    )
    expect(lookup.asked).toBe(1)
    expect(sink.connections).toBe(0)
  })

  it('SF-02: asks for a name once for a connection, so a second answer has no effect', async () => {
    const from = outbound('http://git.example.com', [['127.0.0.1'], ['192.0.2.1']])

    expect((await post(from, `http://git.example.com:${sink.port}/`)).status).toBe(204)

    expect(lookup.asked).toBe(1)
    expect(sink.requests[0]?.headers.host).toBe(`git.example.com:${sink.port}`)
  })

  it.each([
    ['93.184.216.34', '127.0.0.1'],
    ['93.184.216.34', '::ffff:10.0.0.1'],
    ['2606:4700::1', 'fd00::1'],
  ])('SF-03: refuses a name that has a public and a private address (%s, %s)', async (...addresses) => {
    await expect(post(outbound('', [addresses]), `https://both.example.com:${sink.port}/`)).rejects.toMatchObject({
      kind: 'refused',
    })
    expect(sink.connections).toBe(0)
  })

  it.each([301, 302, 303, 307, 308])(
    'SF-04: does not follow a %i, and sends the token nowhere else',
    async (status) => {
      const other = await startSink()
      sink.answer = (_req, res) => res.writeHead(status, { location: `${other.url}/inside` }).end()

      const answer = await post(outbound('http://127.0.0.1'), `${sink.url}/start`)

      expect(answer.status).toBe(status)
      expect(answer.header('Location')).toBe(`${other.url}/inside`)
      expect([sink.requests.length, other.connections]).toEqual([1, 0])
      await other.close()
    },
  )

  it('SF-06: sends the credentials to the host that they are for, and names them in no error', async () => {
    sink.answer = (req) => req.socket.destroy()

    const error = await post(outbound('http://127.0.0.1'), `${sink.url}/?q=canary-query`).catch((thrown) => thrown)

    expect(sink.requests[0]?.headers.authorization).toBe(`Bearer ${token}`)
    expect(error).toMatchObject({ name: 'OutboundFault', kind: 'unreachable' })
    expect(`${error.message} ${JSON.stringify(error)} ${String(error.cause)} ${error.stack}`).not.toMatch(/canary/)
  })

  it('SF-07: reads no more than 1 MB, and hangs up on the rest', async () => {
    const closed = new EventEmitter()
    sink.answer = (_req, res) => {
      const write = (): void => void (res.destroyed || res.write(Buffer.alloc(65_536), write))
      res.on('close', () => closed.emit('close')).writeHead(200)
      write()
    }
    const hungUp = once(closed, 'close')

    await expect(post(outbound('http://127.0.0.1'), sink.url)).rejects.toThrow('answered with more than 1 MB')
    await hungUp
  })

  it('SF-07: does not wait for a body that drips, nor for an answer that never comes', async () => {
    const impatient = outbound('http://127.0.0.1', [], 300)
    sink.answer = () => undefined
    await expect(post(impatient, sink.url)).rejects.toMatchObject({ kind: 'too-slow' })

    sink.answer = (_req, res) => {
      const timer = setInterval(() => res.write('x'), 20)
      res.on('close', () => clearInterval(timer)).writeHead(200)
    }
    await expect(post(impatient, sink.url)).rejects.toMatchObject({ kind: 'too-slow' })
  })

  it('SF-07: unpacks nothing', async () => {
    sink.answer = (_req, res) =>
      res.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync(Buffer.alloc(9_000_000)))

    await expect(post(outbound('http://127.0.0.1'), sink.url)).rejects.toThrow('packed')
    expect(sink.requests[0]?.headers['accept-encoding']).toBe('identity')
  })

  it('SF-07: reads no more headers than there is reason for', async () => {
    sink.answer = (_req, res) => res.writeHead(200, { 'x-long': 'x'.repeat(60_000) }).end()

    await expect(post(outbound('http://127.0.0.1'), sink.url)).rejects.toMatchObject({ kind: 'too-long' })
  })

  it('SF-08: refuses at the sending what was public when it was saved', async () => {
    const from = outbound('', [['10.0.0.7']])
    const url = `https://moved.example.com:${sink.port}/`

    expect(from.check(url).hostname).toBe('moved.example.com')
    await expect(post(from, url)).rejects.toMatchObject({ kind: 'refused' })
  })

  it('lets an operator allow a private network, and nothing beside it', async () => {
    const from = outbound('127.0.0.0/8, http://git.lan', [['127.0.0.1'], ['10.0.0.1']])

    await expect(post(from, `https://inside.example.com:${sink.port}/`)).rejects.toMatchObject({ kind: 'unreachable' })
    expect(sink.connections).toBe(1)
    await expect(post(from, `https://other.example.com:${sink.port}/`)).rejects.toMatchObject({ kind: 'refused' })
    expect(() => from.check(`http://127.0.0.1:${sink.port}/`)).toThrow('does not start with https://')
  })

  it('SF-01: reaches one address for one request when who asks has found it good, and no other by it', async () => {
    const from = outbound('')
    const send = (host: string, allow: string) =>
      from.send({ method: 'GET', url: `http://${host}:${sink.port}/`, headers: { host: 'www.example.com' }, allow })

    expect((await send('127.0.0.1', '127.0.0.1')).status).toBe(204)
    expect(() => send('127.0.0.2', '127.0.0.1')).toThrow('does not start with https://')
    expect(() => send('www.example.com', '127.0.0.1')).toThrow('does not start with https://')
    expect(() => send('127.0.0.1', '::1')).toThrow('does not start with https://')
    expect(() => post(from, `http://127.0.0.1:${sink.port}/`)).toThrow('does not start with https://')
  })

  it('ends with the work that asked', async () => {
    const stop = new AbortController()
    sink.answer = () => stop.abort(new Error('stopping'))

    const asked = outbound('http://127.0.0.1').send({ method: 'GET', url: sink.url, signal: stop.signal })

    await expect(asked).rejects.toThrow('stopping')
  })
})

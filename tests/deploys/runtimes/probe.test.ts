import { createServer, type Server } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { probe } from '../../../server/deploys/runtimes/probe.js'
import { hostKinds } from '../../support/host-kinds.js'
import { needs } from '../../support/parts.js'

const opened: Server[] = []

afterEach(() => {
  for (const server of opened.splice(0)) server.close()
})

/** Answers every connection with these bytes; null: never. */
function listen(answer: string | null): Promise<number> {
  const server = createServer((socket) => {
    socket.on('error', () => {})
    socket.once('data', () => {
      if (answer !== null) socket.end(answer)
    })
  })
  opened.push(server)
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : 0)
    })
  })
}

const status = (line: string) => `HTTP/1.1 ${line}\r\nContent-Length: 0\r\n\r\n`

describe.skipIf(!needs('sshd')).each(hostKinds)('a health check through %s', (_, start) => {
  test.each([
    ['200 OK', true, 'It answered 200'],
    ['302 Found', true, 'It answered 302'],
    ['404 Not Found', false, 'It answered 404, which is no success, at /healthz'],
    ['503 Busy', false, 'It answered 503, which is no success, at /healthz'],
  ])('takes %s for what it is', async (line, isHealthy, reason) => {
    const { host, stop } = await start()
    const seen = await probe(host, await listen(status(line)), '/healthz', { timeoutMs: 3000 })
    await stop()

    expect(seen).toEqual({ isHealthy, status: Number.parseInt(line, 10), reason })
  })

  test('says why there was no answer', async () => {
    const { host, stop } = await start()
    const silent = await listen(null)
    const closed = await listen('')
    const other = await listen('220 mail ready\r\n')
    const gone = await listen(null)
    for (const server of opened.splice(-1)) await new Promise((resolve) => server.close(resolve))
    const reason = async (port: number, path = '/') => (await probe(host, port, path, { timeoutMs: 1500 })).reason

    expect(await reason(silent)).toBe('It did not answer within 1.5 s')
    expect(await reason(closed)).toBe('It hung up without an answer')
    expect(await reason(other)).toBe(`What listens on port ${other} does not speak HTTP`)
    expect(await reason(gone)).toBe(`Nothing listens on port ${gone} yet`)
    expect(await reason(silent, '/a\r\nX: y')).toBe('The health path has characters that no address can have')
    await stop()
  })

  test('ends with the one who asked', async () => {
    const { host, stop } = await start()
    const cancel = new AbortController()
    const asking = probe(host, await listen(null), '/', { timeoutMs: 10_000, signal: cancel.signal })
    cancel.abort(new Error('cancelled'))

    await expect(asking).rejects.toThrow('cancelled')
    await stop()
  })
})

import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { stream } from '../../../server/platform/http/reply.js'
import { get } from '../../../server/platform/http/route.js'
import { formatEvent, sendEvents } from '../../../server/platform/http/sse.js'
import { latch, type Panel, startPanel } from './panel.js'
import { noteRoutes } from './routes.js'

/** Tells when the reader's hang-up reached the source. */
let ended = latch<string>()

async function* endless(signal: AbortSignal) {
  try {
    yield { id: 1, data: 'first' }
    await once(signal, 'abort')
  } finally {
    ended.resolve('ended')
  }
}

let panel: Panel
beforeAll(async () => {
  panel = await startPanel([
    ...noteRoutes,
    get('/endless', { can: 'site:read' }, ({ signal }) => stream(endless(signal))),
  ])
})
afterAll(() => panel.close())

describe('a stream', () => {
  test('goes on after the last id that the reader saw, and says when it is over', async () => {
    const answer = await panel.ask('/teams/acme/notes/first/stream', { as: 'owner', headers: { 'last-event-id': '4' } })

    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8')
    expect(await answer.text()).toBe(
      [
        'retry: 2000',
        '',
        ...[5, 6, 7].flatMap((id) => [`id: ${id}`, `data: line ${id}`, 'data: more', '']),
        'event: end',
        'data:',
        '',
        '',
      ].join('\n'),
    )
  })

  test('AZ-02: is refused like any page', async () => {
    expect((await panel.ask('/teams/acme/notes/first/stream', { as: 'stranger' })).status).toBe(404)
  })

  test('lets its source go when the reader hangs up', async () => {
    ended = latch<string>()
    const hangUp = new AbortController()
    const answer = await panel.ask('/teams/acme/endless', { as: 'owner', signal: hangUp.signal })
    await answer.body?.getReader().read()

    hangUp.abort()

    expect(await ended.promise).toBe('ended')
  })

  test('AZ-09: ends within five seconds for a member who was removed', async () => {
    ended = latch<string>()
    const answer = await panel.ask('/teams/acme/endless', { as: 'viewer' })

    panel.members.delete('viewer')
    const text = await answer.text()

    expect(text).toContain('data: first')
    expect(text).not.toContain('event: end')
  }, 8000)

  test('sends no faster than the reader reads', async () => {
    let made = 0
    async function* flood() {
      for (; made < 5000; made++) yield { data: 'x'.repeat(100_000) }
    }
    const server = createServer((_req, res) => {
      const hangUp = new AbortController()
      res.once('close', () => hangUp.abort())
      // `as`: these are the only methods of Express's response that are used.
      const response = Object.assign(res, {
        status: () => response,
        set: () => response,
      }) as unknown as Parameters<typeof sendEvents>[0]
      sendEvents(response, flood(), { signal: hangUp.signal, stillAllowed: async () => true }).catch(() => {})
    }).listen(0, '127.0.0.1')
    await once(server, 'listening')
    const reader = new AbortController()
    const answer = await fetch(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, { signal: reader.signal })
    await answer.body?.getReader().read()

    // The kernel and fetch buffer some megabytes; 500 MB would be all of it.
    await expect.poll(() => made, { interval: 100, timeout: 3000 }).toBeGreaterThan(1)
    expect(made).toBeLessThan(1000)
    reader.abort()
    server.closeAllConnections()
    server.close()
  })

  test('no text can forge a field of the wire', () => {
    expect(formatEvent({ id: '1\ndata: x', event: 'a\r\nid: 9', data: 'one\r\nid: 7\rtwo' })).toBe(
      'id: 1 data: x\nevent: a  id: 9\ndata: one\ndata: id: 7\ndata: two\n\n',
    )
  })
})

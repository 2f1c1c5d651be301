import { connect } from 'node:net'
import { afterAll, beforeAll, describe, expect, it, test } from 'vitest'
import { type Panel, startPanel } from './panel.js'
import { noteRoutes } from './routes.js'

let panel: Panel
let secure: Panel
beforeAll(async () => {
  panel = await startPanel(noteRoutes)
  secure = await startPanel(noteRoutes, { baseUrl: 'https://panel.test' })
})
afterAll(() => Promise.all([panel.close(), secure.close()]))

/** What comes back to these lines, as they stand: what no client of HTTP would send. */
const send = (lines: readonly string[]): Promise<string> =>
  new Promise((resolve, reject) => {
    let said = ''
    const socket = connect(Number(new URL(panel.url).port), '127.0.0.1', () => socket.write(lines.join('\r\n')))
    socket.on('data', (chunk) => {
      said += chunk
      socket.end()
    })
    socket.on('close', () => resolve(said)).on('error', reject)
  })
const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1])

describe('every answer', () => {
  const headers = ['content-security-policy', 'x-content-type-options', 'x-frame-options', 'referrer-policy']

  it.each([
    ['/sign-in', 200],
    ['/teams/acme/notes/first', 302],
    ['/nowhere', 404],
    ['/broken', 500],
    ['/assets/x/css/hostler.css', 200],
  ])('HD-01: has the headers that keep browsers from harm: %s, %i', async (path, status) => {
    const answer = await panel.ask(path, path === '/broken' ? { as: 'owner' } : {})

    expect(answer.status === 303 ? 302 : answer.status).toBe(status)
    expect(headers.filter((name) => !answer.headers.has(name))).toEqual([])
    expect([answer.headers.has('x-powered-by'), answer.headers.has('server')]).toEqual([false, false])
  })

  it('HD-05: holds browsers to https where the panel is on it, whatever a proxy says', async () => {
    const { headers } = await secure.ask('/sign-in', { headers: { 'x-forwarded-proto': 'http' } })

    expect(headers.get('strict-transport-security')).toMatch(/^max-age=63072000/)
    expect(headers.getSetCookie()).not.toEqual([])
    for (const cookie of headers.getSetCookie()) expect(cookie).toMatch(/^__Host-.*; Secure/)
  })
})

describe('a request that is none', () => {
  test('HD-02: TRACE is refused', async () => {
    const answer = await send(['TRACE /sign-in HTTP/1.1', 'Host: panel.test', '', ''])

    expect(statusOf(answer)).toBe(405)
    expect(answer).not.toMatch(/^(x-powered-by|server):/im)
  })

  test.each([
    ['two ways to say how long it is', ['Content-Length: 3', 'Transfer-Encoding: chunked', '', '0', '', '']],
    ['two lengths', ['Content-Length: 3', 'Content-Length: 4', '', 'a=b', '']],
    ['a length that is none', ['Content-Length: +3', '', 'a=b']],
    ['an encoding that is not the last', ['Transfer-Encoding: chunked, identity', '', '0', '', '']],
    ['a header that goes on in the next line', ['X-One: a', ' b: c', '', '']],
    ['a space before the colon', ['Content-Length : 3', '', 'a=b']],
    ['a bare line feed', ['X-One: a\nContent-Length: 3', '', 'a=b']],
  ])('HD-03: is refused for %s', async (_what, rest) => {
    const answer = await send(['POST /sign-in HTTP/1.1', 'Host: panel.test', ...rest])

    expect(statusOf(answer)).toBe(400)
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Panel, startPanel, tokenOf } from './panel.js'
import { noteRoutes, seen } from './routes.js'

let panel: Panel
beforeAll(async () => {
  panel = await startPanel(noteRoutes)
})
afterAll(() => panel.close())
beforeEach(() => {
  seen.length = 0
})

const form = { name: 'tea', size: '4' }
const send = (fields: Record<string, string>, headers: Record<string, string> = {}, as: string | undefined = 'owner') =>
  panel.ask('/teams/acme/notes', {
    method: 'POST',
    body: new URLSearchParams(fields),
    headers,
    ...(as && { as }),
  })

describe('a change asked for by a browser', () => {
  test('CS-01: with the cookie alone it is refused and nothing happens', async () => {
    expect((await send(form)).status).toBe(403)
    expect((await panel.ask('/teams/acme/notes/tea', { method: 'DELETE', as: 'owner' })).status).toBe(403)
    expect((await panel.ask('/teams/acme/notes/tea/printing', { method: 'POST', as: 'owner' })).status).toBe(403)
    expect(seen).toEqual([])
  })

  test('the token passes as a field and as a header', async () => {
    expect((await send({ ...form, _csrf: tokenOf('owner') })).status).toBe(303)
    expect((await send(form, { 'x-csrf-token': tokenOf('owner') })).status).toBe(303)
  })

  test('CS-02: the token of another session, or from before sign-in, is refused', async () => {
    const page = await panel.ask('/sign-in')
    const visitorToken = (await page.text()).match(/name="_csrf" value="([^"]+)"/)?.[1] ?? 'none'

    expect((await send({ ...form, _csrf: tokenOf('viewer') })).status).toBe(403)
    expect((await send({ ...form, _csrf: visitorToken })).status).toBe(403)
    expect(seen).toEqual([])
  })

  test.each([
    { origin: 'https://evil.test' },
    { origin: 'null' },
    { origin: 'http://evil.panel.test' },
    { origin: 'https://panel.test' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ])('CS-03: %j is refused even with the token', async (headers) => {
    const answer = await send({ ...form, _csrf: tokenOf('owner') }, headers as Record<string, string>)

    expect(answer.status).toBe(403)
    expect(seen).toEqual([])
  })

  test('CS-04: htmx needs the token like anyone', async () => {
    expect((await send(form, { 'hx-request': 'true' })).status).toBe(403)
    expect((await send(form, { 'hx-request': 'true', 'x-csrf-token': tokenOf('owner') })).status).toBe(200)
  })

  test('CS-07: no other origin is ever let in by CORS', async () => {
    const answer = await panel.ask('/teams/acme/notes/first', { as: 'owner', headers: { origin: 'https://evil.test' } })

    expect([...answer.headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })

  test('a page opened under another address says which one to use', async () => {
    const answer = await send({ ...form, _csrf: tokenOf('owner') }, { origin: 'http://10.0.0.7:3000' })

    expect(await answer.text()).toContain('Open http://panel.test, or set HOSTLER_URL')
  })

  test('an API key needs neither token nor origin; the cookie on the API needs both', async () => {
    expect((await panel.api('POST', '/teams/acme/notes', { name: 'tea', size: 4 })).status).toBe(201)
    expect((await panel.api('POST', '/teams/acme/notes', { name: 'tea', size: 4 }, { as: 'owner' })).status).toBe(403)
  })
})

describe('before sign-in', () => {
  test('CS-06: the sign-in form works with its own token and no other', async () => {
    const page = await panel.ask('/sign-in')
    const cookie = page.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const token = (await page.text()).match(/name="_csrf" value="([^"]+)"/)?.[1] ?? ''
    const submit = (_csrf: string, sent: string, headers = {}) =>
      panel.ask('/sign-in', {
        method: 'POST',
        body: new URLSearchParams({ _csrf, name: 'owner' }),
        headers: { cookie: sent, ...headers },
      })

    expect((await submit(token, '')).status).toBe(403)
    expect((await submit(token, 'hostler-visitor=abcdefghijklmnopqrstuvwx')).status).toBe(403)
    expect((await submit('', cookie)).status).toBe(403)
    expect((await submit(token, cookie, { 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    const good = await submit(token, cookie, { 'sec-fetch-site': 'same-origin', origin: 'http://panel.test' })
    expect([good.status, good.headers.getSetCookie()]).toEqual([
      303,
      ['hostler-session=owner; Path=/; HttpOnly; SameSite=Lax'],
    ])
  })

  test('a visitor keeps the same token while the cookie lasts', async () => {
    const cookie = (await panel.ask('/sign-in')).headers.getSetCookie()[0]?.split(';')[0] ?? ''

    const again = await panel.ask('/sign-in', { headers: { cookie } })

    expect(again.headers.getSetCookie()).toEqual([])
  })
})

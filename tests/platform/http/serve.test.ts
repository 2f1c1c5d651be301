import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Panel, startPanel } from './panel.js'
import { noteRoutes, seen } from './routes.js'

let panel: Panel
beforeAll(async () => {
  panel = await startPanel(noteRoutes)
})
afterAll(() => panel.close())
beforeEach(() => {
  seen.length = 0
})

describe('one verb, two faces', () => {
  test('a page comes whole to a browser and as its content to htmx', async () => {
    const whole = await panel.ask('/teams/acme/notes/first', { as: 'owner' })
    const part = await panel.ask('/teams/acme/notes/first', {
      as: 'owner',
      headers: { 'hx-request': 'true', 'hx-request-type': 'partial' },
    })

    expect(whole.status).toBe(200)
    expect(await whole.text()).toMatch(/<!doctype html>[\s\S]*<title>first · Hostler<\/title>[\s\S]*<h1>first<\/h1>/)
    expect(await part.text()).toMatch(/^\s*<h1>first<\/h1><p>may update<\/p>\s*$/)
    expect(part.headers.get('vary')).toMatch(/HX-Request-Type/)
  })

  test('a swap of the whole body, as when going back, gets the whole page', async () => {
    const answer = await panel.ask('/teams/acme/notes/first', {
      as: 'owner',
      headers: { 'hx-request': 'true', 'hx-request-type': 'full', 'hx-boosted': 'true' },
    })

    expect(await answer.text()).toContain('<!doctype html>')
  })

  test('the API answers only what the output schema names', async () => {
    const answer = await panel.api('GET', '/teams/acme/notes/first')

    expect(answer.headers.get('content-type')).toBe('application/json; charset=utf-8')
    expect(await answer.json()).toEqual({ name: 'first', size: 3, madeAt: '2026-01-02T03:04:05.000Z' })
  })

  test('a route without an output is no part of the API', async () => {
    const answer = await panel.api('GET', '/teams/acme/notes')

    expect(answer.status).toBe(405)
    expect(answer.headers.get('allow')).toBe('POST')
  })

  test('a form leads on with 303 and a message that is shown once', async () => {
    const answer = await panel.submit('/teams/acme/notes', { name: 'tea', size: '4' }, { as: 'owner' })
    const notice = answer.headers.getSetCookie().find((line) => line.startsWith('hostler-notice='))
    const next = await panel.ask('/teams/acme/notes/tea', {
      as: 'owner',
      headers: { cookie: notice?.split(';')[0] ?? '' },
    })

    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/teams/acme/notes/tea'])
    expect(await next.text()).toContain('Note “made” &lt;b&gt;')
    expect(next.headers.getSetCookie().join()).toContain('hostler-notice=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0')
    expect(seen).toEqual([{ name: 'tea', size: 4 }])
  })

  test('a form sent by htmx leads on by HX-Redirect', async () => {
    const answer = await panel.submit(
      '/teams/acme/notes',
      { name: 'tea', size: '4' },
      { as: 'owner', headers: { 'hx-request': 'true' } },
    )

    expect([answer.status, answer.headers.get('hx-redirect')]).toEqual([200, '/teams/acme/notes/tea'])
  })

  test('the API says 201 for made, 202 for begun, 200 for changed and 204 for nothing to say', async () => {
    const made = await panel.api('POST', '/teams/acme/notes', { name: 'tea', size: 4 })
    const begun = await panel.api('POST', '/teams/acme/notes/tea/printing')
    const changed = await panel.api('PATCH', '/teams/acme/notes/tea', { size: 5 })
    const removed = await panel.api('DELETE', '/teams/acme/notes/tea')
    const read = await panel.api('POST', '/teams/acme/notes/tea/reading')

    expect([made.status, made.headers.get('location')]).toEqual([201, '/api/v1/teams/acme/notes/tea'])
    expect(await made.json()).toEqual({ name: 'tea', size: 4, madeAt: '2026-01-02T03:04:05.000Z' })
    expect([begun.status, begun.headers.get('location')]).toEqual([202, '/api/v1/teams/acme/operations/7'])
    expect([changed.status, removed.status, read.status]).toEqual([200, 204, 204])
  })

  test('a form reaches PATCH and DELETE by _method, under the same policy (AZ-13)', async () => {
    const byOwner = await panel.submit('/teams/acme/notes/tea', { _method: 'delete' }, { as: 'owner' })
    const byViewer = await panel.submit('/teams/acme/notes/tea', { _method: 'delete' }, { as: 'viewer' })
    const byHeader = await panel.ask('/teams/acme/notes/tea', {
      method: 'POST',
      as: 'owner',
      headers: { 'x-http-method-override': 'DELETE' },
    })

    expect([byOwner.status, byViewer.status, byHeader.status]).toEqual([303, 403, 405])
    expect(seen).toEqual(['deleted tea'])
  })

  test('a download is saved, never shown, whatever its name holds', async () => {
    const answer = await panel.ask('/teams/acme/notes/first/file', { as: 'owner' })

    expect(answer.headers.get('content-disposition')).toMatch(/^attachment; filename="/)
    expect(answer.headers.get('content-type')).toBe('text/plain; charset=utf-8')
    expect(await answer.text()).toBe('hello')
  })
})

describe('who may', () => {
  test.each([
    ['/teams/acme/notes/first', { owner: 200, viewer: 200, stranger: 404, operator: 404 }],
    ['/teams/acme/notes/new', { owner: 200, viewer: 403, stranger: 404, operator: 404 }],
    ['/teams/nowhere/notes/first', { owner: 404, viewer: 404, stranger: 404, operator: 404 }],
    ['/profile', { owner: 200, viewer: 200, stranger: 200, operator: 200 }],
    ['/operator/health', { owner: 404, viewer: 404, stranger: 404, operator: 200 }],
  ])('AZ-02: %s', async (path, expected) => {
    for (const [person, status] of Object.entries(expected)) {
      expect((await panel.ask(path, { as: person })).status, person).toBe(status)
    }
    const anonymous = await panel.ask(path)
    expect([anonymous.status, anonymous.headers.get('location')]).toEqual([
      303,
      `/sign-in?next=${encodeURIComponent(path)}`,
    ])
  })

  test('AZ-07: the same decision for a fragment, a boosted link and the page', async () => {
    for (const type of ['partial', 'full']) {
      const headers = { 'hx-request': 'true', 'hx-request-type': type, 'hx-boosted': 'true' }
      expect((await panel.ask('/teams/acme/notes/new', { as: 'viewer', headers })).status).toBe(403)
      expect((await panel.ask('/teams/acme/notes/new', { as: 'stranger', headers })).status).toBe(404)
      const anonymous = await panel.ask('/teams/acme/notes/new', { headers })
      expect([anonymous.status, anonymous.headers.get('hx-redirect')?.split('?')[0]]).toEqual([401, '/sign-in'])
    }
  })

  test('the API says 401 to nobody and to a wrong key, and never falls back to the cookie', async () => {
    const nobody = await panel.ask('/api/v1/teams/acme/notes/first')
    const wrong = await panel.ask('/api/v1/teams/acme/notes/first', {
      as: 'owner',
      headers: { authorization: 'Bearer x' },
    })

    expect([nobody.status, nobody.headers.get('content-type')]).toEqual([
      401,
      'application/problem+json; charset=utf-8',
    ])
    expect(nobody.headers.get('www-authenticate')).toBe('Bearer')
    expect(wrong.status).toBe(401)
  })

  test('views know what this person may do', async () => {
    const answer = await panel.ask('/teams/acme/notes/first', { as: 'viewer' })

    expect(await answer.text()).toContain('may only look')
  })
})

describe('methods', () => {
  test('AZ-13: a method that the address does not take is 405 with what it takes', async () => {
    for (const method of ['OPTIONS', 'PUT', 'PROPFIND']) {
      const answer = await panel.ask('/teams/acme/notes', { method, as: 'owner' })
      expect([answer.status, answer.headers.get('allow')], method).toEqual([405, 'GET, HEAD, POST'])
    }
  })

  test('AZ-08, CS-10: HEAD is GET without the body, and does nothing', async () => {
    const page = await panel.ask('/teams/acme/notes/first', { method: 'HEAD', as: 'owner' })
    const stream = await panel.ask('/teams/acme/notes/first/stream', { method: 'HEAD', as: 'owner' })
    const post = await panel.ask('/teams/acme/notes/first/printing', { method: 'HEAD', as: 'owner' })

    expect([page.status, stream.status, post.status]).toEqual([200, 200, 405])
    expect(seen).toEqual([])
  })

  test.each(['/TEAMS/acme/notes/new', '/teams/acme/notes/new/', '//teams/acme/notes/new'])(
    'AZ-14: %s opens nothing that the plain address does not',
    async (path) => {
      expect([403, 404]).toContain((await panel.ask(path, { as: 'viewer' })).status)
      expect((await panel.ask(path, { as: 'stranger' })).status).toBe(404)
    },
  )
})

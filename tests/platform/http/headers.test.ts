import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cookieLine } from '../../../server/platform/http/cookies.js'
import { ownPath } from '../../../server/platform/http/own-path.js'
import { go } from '../../../server/platform/http/reply.js'
import { type Panel, startPanel } from './panel.js'
import { noteRoutes } from './routes.js'

let panel: Panel
let secure: Panel
beforeAll(async () => {
  panel = await startPanel(noteRoutes)
  secure = await startPanel(noteRoutes, {
    baseUrl: 'https://panel.test',
    checks: { database: async () => 1, worker: () => Promise.reject(new Error('not seen')) },
  })
})
afterAll(() => Promise.all([panel.close(), secure.close()]))

describe('headers', () => {
  test.each(['/teams/acme/notes/first', '/nowhere', '/broken', '/healthz', '/api/v1/openapi.json'])(
    'CS-08, CS-12: %s is framed by nobody, kept by no cache and runs only our own scripts',
    async (path) => {
      const { headers } = await panel.ask(path, { as: 'owner' })
      const policy = headers.get('content-security-policy') ?? ''

      expect(policy).toMatch(/^default-src 'none'; script-src 'self' 'nonce-[0-9a-f]{32}'; style-src 'self' 'nonce-/)
      expect(policy).toContain("frame-ancestors 'none'")
      expect(policy).not.toContain('unsafe')
      expect(headers.get('cache-control')).toBe('no-store')
      expect(headers.get('x-content-type-options')).toBe('nosniff')
      expect(headers.get('referrer-policy')).toBe('same-origin')
      expect(headers.get('cross-origin-embedder-policy')).toBe('credentialless')
      expect(headers.has('x-powered-by')).toBe(false)
    },
  )

  test('each answer has its own nonce', async () => {
    const policies = await Promise.all(
      [1, 2].map(async () => (await panel.ask('/sign-in')).headers.get('content-security-policy')),
    )

    expect(policies[0]).not.toBe(policies[1])
  })

  test('browsers are held to https only where the panel is on https', async () => {
    expect((await panel.ask('/sign-in')).headers.has('strict-transport-security')).toBe(false)
    expect((await secure.ask('/sign-in')).headers.get('strict-transport-security')).toMatch(/^max-age=63072000/)
  })

  test('SE-09: the Host header is used for nothing', async () => {
    const answer = await panel.ask('/teams/acme/notes/first', {
      headers: { 'x-forwarded-host': 'evil.test', 'x-forwarded-proto': 'https', forwarded: 'host=evil.test' },
    })
    const document = await (
      await panel.ask('/api/v1/openapi.json', { headers: { 'x-forwarded-host': 'evil.test' } })
    ).text()

    expect(answer.headers.get('location')).toMatch(/^\/sign-in/)
    expect(document).toContain('http://panel.test/api/v1')
  })

  test('files under public are immutable under their fingerprint and only fresh under an old one', async () => {
    const page = await (await panel.ask('/sign-in')).text()
    const url = page.match(/href="(\/assets\/[0-9a-f]+\/css\/hostler\.css)"/)?.[1] ?? ''
    const now = await panel.ask(url)
    const old = await panel.ask(url.replace(/assets\/\w+/, 'assets/000000000000'))

    expect(now.headers.get('cache-control')).toBe('public, max-age=31536000, immutable')
    expect([old.status, old.headers.get('cache-control')]).toEqual([200, 'no-cache'])
    expect((await panel.ask('/assets/x/../../package.json')).status).toBe(404)
    expect((await panel.ask('/assets/x/%2e%2e/%2e%2e/package.json')).status).toBe(404)
  })
})

describe('cookies', () => {
  test('SE-02: __Host-, Secure, HttpOnly, SameSite and Path on https', () => {
    expect(cookieLine({ name: 'session', value: 'abc', maxAgeSeconds: 60 }, new URL('https://panel.test'))).toBe(
      '__Host-session=abc; Path=/; HttpOnly; SameSite=Lax; Secure; Max-Age=60',
    )
  })

  test('SE-05: a value that would forge another attribute is refused', () => {
    expect(() => cookieLine({ name: 'session', value: 'a; Domain=evil' }, new URL('https://panel.test'))).toThrow()
  })

  test('a cookie that comes twice is ignored', async () => {
    const page = await panel.ask('/sign-in')
    const cookie = page.headers.getSetCookie()[0]?.split(';')[0] ?? ''
    const twice = await panel.ask('/sign-in', { headers: { cookie: `${cookie}; ${cookie}` } })

    expect(twice.headers.getSetCookie()).toHaveLength(1)
  })
})

describe('ways on', () => {
  test.each([
    '//evil.test',
    '/\\evil.test',
    '\\/evil.test',
    'https:evil.test',
    'https://evil.test',
    'javascript:alert(1)',
    '/\t/evil.test',
    '/\n//evil.test',
    '/.//evil.test',
    '/a/..//evil.test',
    '%2f%2fevil.test',
    ' //evil.test',
    '',
  ])('CS-09: next=%j stays here', (next) => {
    const path = ownPath(next, '/home')
    const seen = new URL(path, 'http://panel.test')

    expect(seen.origin).toBe('http://panel.test')
    expect(path).toMatch(/^\/(?![/\\])/)
  })

  test('a path of ours is kept with its query', () => {
    expect(ownPath('/teams/acme/sites?sort=name#x')).toBe('/teams/acme/sites?sort=name#x')
    expect(ownPath('/%09/evil')).toBe('/%09/evil')
  })

  test('a reply cannot lead elsewhere', () => {
    expect(() => go('//evil.test')).toThrow()
    expect(() => go('https://evil.test')).toThrow()
  })
})

describe('health', () => {
  test('the process and its parts are asked separately', async () => {
    const ready = await secure.ask('/readyz')

    expect([(await secure.ask('/healthz')).status, (await panel.ask('/readyz')).status]).toEqual([200, 200])
    expect([ready.status, await ready.json()]).toEqual([
      503,
      { status: 'failing', parts: { database: 'ok', worker: 'failing' } },
    ])
  })
})

describe('the log', () => {
  test('LG-04, LG-05: one line a request, with who and what but no address, query or header', async () => {
    const before = panel.log.length
    await panel.ask('/teams/acme/notes?sort=name', { as: 'owner', headers: { 'user-agent': 'x%n canary' } })
    const lines = panel.log.slice(before)

    expect(lines).toHaveLength(1)
    expect(lines[0]).toMatchObject({ method: 'GET', route: '/teams/:team/notes', status: 200, actor: 'owner' })
    expect(JSON.stringify(lines)).not.toMatch(/sort|canary|acme/)
  })
})

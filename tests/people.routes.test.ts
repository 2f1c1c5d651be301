import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { ensureSetupToken } from '../server/setup/setup.js'
import { type PanelWorld, panelWorld } from './support/panel-world.js'
import { type Name, password } from './support/people.js'

describe('the pages of people', () => {
  let w: PanelWorld
  const api = (path: string, name: Name, init: RequestInit = {}) =>
    fetch(`${w.panel.url}/api/v1${path}`, {
      ...init,
      headers: { authorization: `Bearer ${w.people[name].apiKey}`, 'content-type': 'application/json' },
    })

  beforeAll(async () => {
    w = await panelWorld({
      config: {
        baseUrl: new URL('http://localhost:3000'),
        dataFolder: '/nonexistent',
        isProduction: false,
        leaseSeconds: 30,
      },
    })
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  it.each([
    ['/profile', [200, 200, 200, 200, 200]],
    ['/profile/sessions', [200, 200, 200, 200, 200]],
    ['/teams', [200, 200, 200, 200, 200]],
    ['/teams/acme/members', [200, 200, 200, 200, 404]],
    ['/teams/acme/api-keys', [200, 200, 403, 403, 404]],
    ['/setup', [404, 404, 404, 404, 404]],
    ['/setup?token=x', [404, 404, 404, 404, 404]],
  ])('AZ-02: shows %s to those who may see it', async (path, expected) => {
    const names = ['owner', 'developer', 'billing', 'viewer', 'stranger'] as const
    const seen: number[] = []
    for (const name of names) seen.push((await w.panel.browser(w.people[name].cookie).get(path)).status)

    expect(seen).toEqual(expected)
  })

  it('AZ-02: sends a visitor to the sign-in page, and an API client away', async () => {
    const page = await w.panel.browser().get('/teams/acme/members')
    const answer = await fetch(`${w.panel.url}/api/v1/teams/acme/members`)

    expect([page.status, page.headers.get('location')]).toEqual([303, '/sign-in?next=%2Fteams%2Facme%2Fmembers'])
    expect(answer.status).toBe(401)
  })

  it('AZ-17: sets up by the printed link once, whatever is sent afterwards', async () => {
    await w.test.query('delete from users')
    await w.test.query('delete from teams')
    const token = (await ensureSetupToken(w.services))?.reveal() ?? ''
    const fields = { name: 'Ada', email: 'ada@example.com', password, team: 'New', token }
    const visitor = w.panel.browser()

    expect((await visitor.get('/setup')).status).toBe(403)
    expect((await visitor.get('/sign-in')).text).toContain('not set up yet')
    expect((await visitor.get(`/setup?token=${token}`)).status).toBe(200)
    expect((await visitor.post('/setup', { ...fields, token: 'wrong' })).status).toBe(403)
    expect((await visitor.post('/setup', { ...fields, is_operator: 'true' })).status).toBe(422)
    const refused = await visitor.post('/setup', { ...fields, password: 'password1234' })
    expect(refused.text).toContain('everybody tries first')
    expect(refused.text).not.toContain('password1234')
    const done = await visitor.post('/setup', fields)
    expect([done.status, done.headers.get('location')]).toEqual([303, '/teams/new'])
    expect((await visitor.get('/profile')).text).toContain('ada@example.com')

    const late = w.panel.browser()
    await late.get('/sign-in')
    for (const body of [fields, { ...fields, password: 'short' }, {}, { nonsense: '1' }])
      expect((await late.post('/setup', body)).status).toBe(404)
    expect((await late.get(`/setup?token=${token}`)).status).toBe(404)
  })

  it('AK-03: shows a new key once, to browsers and never again', async () => {
    const browser = w.panel.browser(w.people.developer.cookie)
    await browser.get('/teams/acme/api-keys')
    const made = await browser.post('/teams/acme/api-keys', { name: 'CI', role: 'viewer', lifetime: '30' })
    const key = /hst_sk_[\w-]{43}/.exec(made.text)?.[0] ?? ''

    expect(made.status).toBe(201)
    const read = await fetch(`${w.panel.url}/api/v1/teams/acme/members`, {
      headers: { authorization: `Bearer ${key}` },
    })
    expect(read.status).toBe(200)
    expect((await browser.get('/teams/acme/api-keys')).text).not.toContain(key)
  })

  it('AK-02: gives no key to a key, and no more to one than its maker has', async () => {
    const body = JSON.stringify({ name: 'more', role: 'viewer', lifetime: '30' })
    const browser = w.panel.browser(w.people.developer.cookie)
    await browser.get('/teams/acme/api-keys')
    const wider = await browser.post('/teams/acme/api-keys', { name: 'x', role: 'owner', lifetime: '30' })

    expect((await api('/teams/acme/api-keys', 'owner', { method: 'POST', body })).status).toBe(403)
    expect(wider.status).toBe(422)
    expect(wider.text).toContain('allows more than you may do yourself')
  })

  it('AK-05: never counts a session beside a key, nor a key in the cookie', async () => {
    const { cookie, apiKey } = w.people.owner
    const ask = (headers: Record<string, string>) => fetch(`${w.panel.url}/api/v1/profile`, { headers })

    expect((await ask({ cookie, authorization: 'Bearer hst_wrong' })).status).toBe(401)
    expect((await ask({ cookie, authorization: `Bearer ${apiKey}` })).status).toBe(403)
    expect((await ask({ cookie: `hostler-session=${apiKey}` })).status).toBe(401)
    expect((await ask({ cookie })).status).toBe(200)
  })

  it('AZ-11: takes no field into a profile that is not its own', async () => {
    const browser = w.panel.browser(w.people.viewer.cookie)
    await browser.get('/profile')
    for (const extra of ['is_operator', 'email', 'id', 'disabled_at', 'password_hash', 'role']) {
      const answer = await browser.post('/profile', { _method: 'patch', name: 'Eve', [extra]: 'true' })
      expect(answer.status).toBe(422)
    }

    const [row] = await w.test.query('select name, is_operator from users where id = $1', [w.people.viewer.id])
    expect(row).toEqual({ name: 'Viewer', is_operator: false })
  })

  it.each(['?next=/a&next=/b', '?next[]=/a', '?next[x]=1', '?other=1'])(
    'AZ-12: answers 400 to /sign-in%s',
    async (query) => {
      expect((await w.panel.browser().get(`/sign-in${query}`)).status).toBe(400)
    },
  )

  it('LG-05: answers 400 to a key in an address, for pages and API', async () => {
    const { apiKey, cookie } = w.people.owner

    expect((await fetch(`${w.panel.url}/api/v1/teams?key=${apiKey}`)).status).toBe(400)
    expect((await fetch(`${w.panel.url}/api/v1/teams?api_key=${apiKey}`)).status).toBe(400)
    expect((await w.panel.browser(cookie).get(`/teams?key=${apiKey}`)).status).toBe(400)
  })

  it('gives the API what the pages show, and no column more', async () => {
    const teams = await (await api('/teams', 'viewer')).json()
    const members = (await (await api('/teams/acme/members', 'viewer')).json()) as { members: object[] }

    expect(teams).toEqual({ teams: [{ id: w.acme.id, slug: 'acme', name: 'Acme', role: 'viewer', closed: null }] })
    expect(Object.keys(members.members[0] ?? {})).toEqual(['id', 'name', 'email', 'role', 'since', 'isSuspended'])
    expect((await api('/teams/acme/members', 'stranger')).status).toBe(404)
  })
})

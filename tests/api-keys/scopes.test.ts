import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { isFrom, networkOf } from '../../server/api-keys/networks.js'
import { days } from '../support/clock.js'
import { makeServer, makeSite } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import { makeClientOf, type Name } from '../support/people.js'

let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(async () => {
  await w.reset()
  const server = await makeServer(w.test, w.acme, { slug: 'web-1', name: 'web-1' })
  for (const slug of ['shop', 'blog']) await makeSite(w.test, server, w.acme, { slug, name: slug })
})
afterAll(() => w.close())

const usual = { name: 'CI', role: 'developer', lifetime: '30', on: 'team', owner: 'person', kind: 'secret' }

/** As the page makes one. */
async function make(name: Name, fields: Record<string, string>) {
  const browser = w.panel.browser(w.people[name].cookie)
  await browser.get('/teams/acme/api-keys')
  const page = await browser.post('/teams/acme/api-keys', { ...usual, ...fields })
  return { status: page.status, text: page.text, key: /hst_[sp]k_[\w-]{43}/.exec(page.text)?.[0] ?? '' }
}

const ask = async (key: string, path: string, method = 'GET') =>
  (
    await fetch(`${w.panel.url}/api/v1/teams/acme${path}`, {
      method,
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: '{}' }),
    })
  ).status

const read = async (key: string, path: string): Promise<Record<string, object[]>> =>
  JSON.parse(
    await (
      await fetch(`${w.panel.url}/api/v1/teams/acme${path}`, { headers: { authorization: `Bearer ${key}` } })
    ).text(),
  )

describe('a key', () => {
  it('AK-01: for one site opens that site, and answers another as one that is not there', async () => {
    const { key } = await make('developer', { on: 'site', thing: 'shop' })

    expect(await ask(key, '/sites/shop')).toBe(200)
    expect(await ask(key, '/sites/shop/deploys', 'POST')).toBe(202)
    expect(await ask(key, '/sites/blog')).toBe(404)
    expect(await ask(key, '/sites/nope')).toBe(404)
    expect(await ask(key, '/servers')).toBe(403)
  })

  it('AK-01: with chosen permissions does those, and sees what it does them with', async () => {
    const { key } = await make('developer', { role: 'chosen', permissions: 'deploy:create' })

    expect(await ask(key, '/sites/shop/deploys', 'POST')).toBe(202)
    expect(await ask(key, '/sites')).toBe(200)
    expect(await ask(key, '/sites/shop/environment')).toBe(403)
    expect(await ask(key, '/activity')).toBe(403)
  })

  it('of a person shrinks with them, and one of the team stays when its maker leaves', async () => {
    const own = await make('owner', { role: 'viewer' })
    const teams = await make('owner', { role: 'viewer', owner: 'team' })
    await w.test.query('delete from memberships where user_id = $1', [w.people.owner.id])

    expect(await ask(own.key, '/sites')).toBe(401)
    expect(await ask(teams.key, '/sites')).toBe(200)
  })

  it('of the team is made by those alone who manage keys', async () => {
    const { status, text } = await make('developer', { owner: 'team' })

    expect(status).toBe(422)
    expect(text).toContain('made by those who manage them')
  })

  it('that may be published begins otherwise, and may only look', async () => {
    const { key } = await make('developer', { kind: 'publishable', role: 'chosen', permissions: 'deploy:read' })

    expect(key).toMatch(/^hst_pk_/)
    expect(await ask(key, '/sites/shop/deploys')).toBe(200)
    expect(await ask(key, '/sites/shop/deploys', 'POST')).toBe(403)
    const wider = await make('developer', { kind: 'publishable' })
    expect([wider.status, wider.text]).toEqual([422, expect.stringContaining('may only see')])
  })

  it('AK-03: that may be published reads how sites, deploys and previews are, and nothing else of them', async () => {
    const permissions = ['site:read', 'deploy:read', 'preview:read']
    const { role } = (await w.api('owner', 'POST', '/roles', { name: 'Status page', permissions })).json
    const { key } = await make('owner', { kind: 'publishable', role: role.id })
    await w.api('developer', 'POST', '/sites/shop/deploys', {})
    const fieldsAt = async (path: string, of: string) => Object.keys((await read(key, path))[of] ?? {}).sort()

    const deploy = ['commitSha', 'createdAt', 'endedAt', 'kind', 'number', 'startedAt', 'status']
    expect(await fieldsAt('/sites/shop', 'site')).toEqual(['name', 'slug', 'state', 'url'])
    expect(await fieldsAt('/sites/shop/deploys/1', 'deploy')).toEqual(deploy)
    expect((await read(key, '/sites')).items).toContainEqual(
      expect.objectContaining({ slug: 'shop', lastDeploy: expect.objectContaining({ number: 1 }) }),
    )
    expect(JSON.stringify(await read(key, '/sites'))).not.toMatch(/repository|branch|server/)
    expect(Object.keys((await read(key, '/sites/shop/deploys')).items?.[0] ?? {}).sort()).toEqual(deploy)
    expect(await read(key, '/sites/shop/previews')).toEqual({ previews: [] })
    expect([await ask(key, '/sites?limit=1'), await ask(key, '/sites?search=shop')]).toEqual([200, 400])
    for (const closed of ['/home', '/search', '/operations/pill', '/sites/shop/comparison?from=1&to=2'])
      expect([closed, await ask(key, closed)]).toEqual([closed, 403])
    const page = await fetch(`${w.panel.url}/teams/acme/sites/shop`, { headers: { authorization: `Bearer ${key}` } })
    expect(page.status).toBe(403)
  })

  it('RL-09: is taken from its networks alone', async () => {
    const here = await make('developer', { networks: '127.0.0.0/8\n::1' })
    const elsewhere = await make('developer', { networks: '203.0.113.7' })

    expect(await ask(here.key, '/sites')).toBe(200)
    expect(await ask(elsewhere.key, '/sites')).toBe(403)
    expect((await make('developer', { networks: '10.0.0.0/33' })).status).toBe(422)
  })

  it.each([
    ['nothing', { role: 'chosen' }],
    ['a role that is not there', { role: 'nope' }],
    ['more than its maker may', { role: 'owner' }],
    ['a site that is not there', { on: 'site', thing: 'nope' }],
    ['what means nothing on a site', { role: 'billing', on: 'site', thing: 'shop' }],
  ])('AK-02: is not made for %s', async (_what, fields) => {
    expect((await make('developer', fields)).status).toBe(422)
    expect(await w.test.query(`select from api_keys where name = 'CI'`)).toEqual([])
  })
})

describe('a key of who holds a role on one site', () => {
  beforeEach(async () => {
    const [shop] = await w.test.query<{ id: string }>(`select id from sites where slug = 'shop'`)
    await makeClientOf(w, shop?.id ?? '')
    await w.test.query(`update roles set permissions = array_append(permissions, 'api-key:manage-own')`)
  })
  const chosen = { role: 'chosen', permissions: 'deploy:create' }

  it('does on that site what they may, is seen by them and the owner, and ends when they end it', async () => {
    const { key } = await make('client', { ...chosen, on: 'site', thing: 'shop' })

    expect(await ask(key, '/sites/shop/deploys', 'POST')).toBe(202)
    expect([await ask(key, '/sites/blog'), await ask(key, '/sites/shop/environment')]).toEqual([404, 403])
    const lists = async (name: Name) => (await w.visit(name, '/teams/acme/api-keys')).text.includes('>CI</span>')
    expect([await lists('client'), await lists('owner'), await lists('developer')]).toEqual([true, true, false])

    const [row] = await w.test.query<{ id: string }>(`select id from api_keys where name = 'CI'`)
    const browser = w.panel.browser(w.people.client.cookie)
    await browser.get('/teams/acme/api-keys')
    expect((await browser.post(`/teams/acme/api-keys/${row?.id}`, { _method: 'delete' })).status).toBe(303)
    expect(await ask(key, '/sites/shop')).toBe(401)
  })

  it('AK-02: is not made for another site, the whole team, a group, or the team itself', async () => {
    for (const fields of [
      { on: 'site', thing: 'blog' },
      { on: 'team' },
      { on: 'group', thing: 'Clients' },
      { on: 'site', thing: 'shop', owner: 'team' },
      { on: 'site', thing: 'shop', permissions: 'site:delete' },
    ])
      expect([fields, (await make('client', { ...chosen, ...fields })).status]).toEqual([fields, 422])
    expect(await w.test.query(`select from api_keys where name = 'CI'`)).toEqual([])
  })

  it('AZ-15: ends with their role, and is then answered as for what is not there', async () => {
    const { key } = await make('client', { ...chosen, on: 'site', thing: 'shop' })
    await w.test.query('delete from role_grants')

    expect(await ask(key, '/sites/shop')).toBe(404)
  })
})

describe('rotating a key', () => {
  const rotate = async (overlap: string, name: Name = 'developer') => {
    const [row] = await w.test.query<{ id: string }>(
      `select id from api_keys where name = 'CI' and replaced_by is null`,
    )
    const browser = w.panel.browser(w.people[name].cookie)
    await browser.get('/teams/acme/api-keys')
    const page = await browser.post(`/teams/acme/api-keys/${row?.id}/rotations`, { overlap })
    return { status: page.status, key: /hst_sk_[\w-]{43}/.exec(page.text)?.[0] ?? '' }
  }

  it('makes another that may do the same, while the old one goes on for as long as was said', async () => {
    const old = await make('developer', { on: 'site', thing: 'shop' })
    const { status, key } = await rotate('24')

    expect(status).toBe(201)
    expect([await ask(key, '/sites/shop'), await ask(key, '/sites/blog')]).toEqual([200, 404])
    expect(await ask(old.key, '/sites/shop')).toBe(200)
    w.clock.advance(days(1))
    expect([await ask(old.key, '/sites/shop'), await ask(key, '/sites/shop')]).toEqual([401, 200])
  })

  it('ends the old one at once where that is asked for, and is done once', async () => {
    const old = await make('developer', {})
    const [row] = await w.test.query<{ id: string }>(`select id from api_keys where name = 'CI'`)
    await rotate('0')

    expect(await ask(old.key, '/sites')).toBe(401)
    const browser = w.panel.browser(w.people.developer.cookie)
    await browser.get('/teams/acme/api-keys')
    expect((await browser.post(`/teams/acme/api-keys/${row?.id}/rotations`, { overlap: '24' })).status).toBe(404)
  })

  it('AK-02: of the team’s is not for who may do less than the key', async () => {
    await make('owner', { owner: 'team', role: 'owner' })
    expect((await rotate('24', 'admin')).status).toBe(403)
    expect((await rotate('24', 'owner')).status).toBe(201)
  })

  it('is for who made it alone, also where others may revoke it', async () => {
    await make('developer', {})

    expect((await rotate('24', 'owner')).status).toBe(403)
  })
})

describe('a network', () => {
  it('RL-09: is an address or a prefix, of either family, and nothing else', () => {
    for (const good of ['203.0.113.7', '10.0.0.0/8', '2001:db8::/32', '::1', '0.0.0.0/0'])
      expect([good, networkOf(good) !== null]).toEqual([good, true])
    for (const bad of ['', 'x', '10.0.0/8', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8/8', '::1%eth0', '10.0.0.1 or 2'])
      expect([bad, networkOf(bad)]).toEqual([bad, null])
  })

  it.each([
    [['10.0.0.0/8'], '10.255.255.255', true],
    [['10.0.0.0/8'], '11.0.0.0', false],
    [['10.0.0.0/8'], '::ffff:10.1.2.3', true],
    [['203.0.113.7'], '203.0.113.8', false],
    [['2001:db8::/32'], '2001:db8:1::1', true],
    [['2001:db8::/32'], '2001:db9::1', false],
    [['10.0.0.0/8'], null, false],
    [[], null, true],
  ])('RL-09: %j takes %s: %s', (networks, from, taken) => {
    expect(isFrom(networks, from)).toBe(taken)
  })
})

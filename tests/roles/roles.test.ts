import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { allPermissions, isPermission } from '../../server/platform/access/permissions.js'
import { readingOf, withReading } from '../../server/platform/access/reading.js'
import { permissionsOf } from '../../server/platform/access/roles.js'
import { supportMay } from '../../server/platform/access/support.js'
import { makeServer, makeSite } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'

let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(async () => {
  await w.reset()
  const server = await makeServer(w.test, w.acme, { slug: 'web-1', name: 'web-1' })
  await makeSite(w.test, server, w.acme, { slug: 'shop', name: 'Shop' })
})
afterAll(() => w.close())

const deploying = { name: 'Client', permissions: ['deploy:create'] }
const make = (body: object = deploying) => w.api('owner', 'POST', '/roles', body)
const made = async (body?: object): Promise<string> => (await make(body)).json.role.id
const grants = (name: 'client' | 'viewer' = 'client') => `/members/${w.people[name].id}/role-grants`
const events = async () =>
  (
    await w.test.query<{ type: string; data: object }>(
      `select type, data from events where team_id = $1 and type like 'role.%' order by sequence`,
      [w.acme.id],
    )
  ).map(({ type, data }) => [type, data])

describe('a role of the team’s own', () => {
  it('is made of permissions, sees what it acts on, and is told of', async () => {
    const { status, json } = await make()

    expect([status, json.role]).toMatchObject([
      201,
      { name: 'Client', permissions: ['site:read', 'deploy:read', 'deploy:create'] },
    ])
    expect(await events()).toEqual([
      ['role.created', { name: 'Client', after: { permissions: ['site:read', 'deploy:read', 'deploy:create'] } }],
    ])
    expect(withReading(['server:check'])).toEqual(['server:read', 'server:check'])
    expect(withReading(['team:update'])).toEqual(['team:update'])
  })

  it('reads what it acts on, as the built-in ones and the operator on a visit do', () => {
    for (const held of [...Object.values(permissionsOf), supportMay])
      expect(withReading([...held]).filter((permission) => !held.has(permission))).toEqual([])
    // A right to read is enough for each act of that noun but for what stands here.
    const acts = allPermissions.filter((permission) => !/:(read|verify)$/.test(permission))
    const nouns = acts.filter((permission) => {
      const reading = `${permission.split(':')[0]}:read`
      return isPermission(reading) && !withReading([permission]).includes(reading)
    })
    expect(nouns).toEqual([
      'team:update',
      'team:transfer',
      'team:delete',
      'audit:forward',
      'server:create',
      'site:create',
    ])
    expect(readingOf['environment:update']).toEqual(['environment:read'])
  })

  it('is refused without a name or permission, with one that is not there, and under a name that is taken', async () => {
    await make()
    const refused = [
      { name: '', permissions: ['site:read'] },
      { name: 'x', permissions: [] },
      { name: 'x', permissions: ['site:fly'] },
      { ...deploying, name: 'client' },
      { ...deploying, name: 'Owner' },
      { ...deploying, team_id: w.rival.id },
    ]

    for (const body of refused) expect([body, (await make(body)).status]).toEqual([body, 422])
    expect(await w.test.query('select from roles')).toHaveLength(1)
  })

  it('changes for everybody who holds it, keeps its name free for itself, and tells what it was', async () => {
    const id = await made()
    await w.api('owner', 'POST', grants(), { role: id, on: 'site', thing: 'shop' })
    expect((await w.api('client', 'GET', '/sites/shop/logs')).status).toBe(403)

    const changed = await w.api('owner', 'PUT', `/roles/${id}`, { name: 'Client', permissions: ['log:read'] })
    expect(changed.status).toBe(200)
    expect((await w.api('client', 'POST', '/sites/shop/deploys', {})).status).toBe(403)
    expect((await events()).at(-1)).toMatchObject([
      'role.changed',
      {
        before: { permissions: ['site:read', 'deploy:read', 'deploy:create'] },
        after: { permissions: ['site:read', 'log:read'] },
      },
    ])
  })

  it('is changed and removed by one after the other, and never under a name that another has just taken', async () => {
    const [one, two] = [await made(), await made({ ...deploying, name: 'Other' })]
    const rename = (id: string) => w.api('owner', 'PUT', `/roles/${id}`, { ...deploying, name: 'Partner' })

    const both = await Promise.all([rename(one), rename(two), make({ ...deploying, name: 'Partner' })])
    expect(both.map(({ status }) => status).filter((status) => status < 400)).toHaveLength(1)
    expect(both.map(({ status }) => status).filter((status) => status === 422)).toHaveLength(2)

    const gone = await Promise.all(Array.from({ length: 4 }, () => w.api('owner', 'DELETE', `/roles/${one}`)))
    expect(gone.map(({ status }) => status).sort()).toEqual([200, 404, 404, 404])
    expect((await events()).filter(([type]) => type === 'role.removed')).toHaveLength(1)
  })

  it('tells how many people hold it, and how many each of the built-in ones', async () => {
    const id = await made()
    for (const name of ['client', 'viewer'] as const)
      await w.api('owner', 'POST', grants(name), { role: id, on: 'site', thing: 'shop' })
    await w.api('owner', 'POST', grants('viewer'), { role: 'admin', on: 'site', thing: 'shop' })

    const { json } = await w.api('owner', 'GET', '/roles')

    const held = Object.fromEntries(
      json.roles.map(({ name, holders }: { name: string; holders: number }) => [name, holders]),
    )
    expect(held).toEqual({ Owner: 1, Admin: 2, Developer: 1, Billing: 1, Viewer: 1, Client: 2 })
    expect((await w.visit('owner', `/teams/acme/roles/${id}`)).status).toBe(200)
  })

  it('is taken from everybody when it is removed', async () => {
    const id = await made()
    await w.api('owner', 'POST', grants(), { role: id, on: 'site', thing: 'shop' })

    expect((await w.api('owner', 'DELETE', `/roles/${id}`)).status).toBe(200)
    expect((await w.api('owner', 'DELETE', `/roles/${id}`)).status).toBe(404)
    expect(await w.test.query('select from role_grants')).toEqual([])
  })

  it.each(['developer', 'viewer', 'billing', 'client'] as const)('is none of the business of a %s', async (name) => {
    expect((await w.api(name, 'POST', '/roles', deploying)).status).toBe(403)
    expect((await w.api(name, 'POST', grants(), { role: 'owner', on: 'site', thing: 'shop' })).status).toBe(403)
  })
})

describe('giving a role', () => {
  it('tells where it is held and why each right is there', async () => {
    const id = await made()
    await w.api('owner', 'POST', grants('viewer'), { role: id, on: 'site', thing: 'shop' })
    const { json } = await w.api('owner', 'GET', grants('viewer'))

    expect(json.held).toMatchObject([
      { role: 'Viewer', on: { kind: 'team' } },
      { role: 'Client', on: { kind: 'site', name: 'Shop' }, grantedBy: expect.any(String) },
    ])
    const why = (permission: string) =>
      json.rights.find((right: { permission: string }) => right.permission === permission)?.where
    expect(why('deploy:create')).toEqual([{ on: 'Shop', because: expect.stringMatching(/^Client, given by /) }])
    expect(why('site:read')).toEqual([
      { on: 'The whole team', because: 'Viewer, their role in the team' },
      { on: 'Shop', because: expect.stringMatching(/^Client/) },
    ])
    expect(why('site:delete')).toBeUndefined()
  })

  it('refuses what is not there, means nothing there, or is held already', async () => {
    const id = await made()
    const give = (body: object) => w.api('owner', 'POST', grants(), body)
    expect((await give({ role: id, on: 'site', thing: 'shop' })).status).toBe(201)

    for (const body of [
      { role: id, on: 'site', thing: 'shop' },
      { role: id, on: 'site', thing: 'nope' },
      { role: id, on: 'group', thing: 'nope' },
      { role: 'nope', on: 'site', thing: 'shop' },
      { role: 'billing', on: 'site', thing: 'shop' },
      { role: 'viewer', on: 'team' },
      { role: id, on: 'moon', thing: 'shop' },
    ])
      expect([body, (await give(body)).status]).toEqual([body, 422])
    expect(
      (await w.api('owner', 'POST', `/members/${w.people.stranger.id}/role-grants`, { role: id, on: 'team' })).status,
    ).toBe(404)
  })

  it('AZ-02: never gives or takes more than one may do oneself', async () => {
    const strong = await made({ name: 'Remover', permissions: ['site:delete'] })
    const manager = await made({ name: 'Manager', permissions: ['role:manage', 'member:read', 'deploy:create'] })
    await w.api('owner', 'POST', grants('viewer'), { role: manager, on: 'team' })
    const give = (role: string) => w.api('viewer', 'POST', grants(), { role, on: 'site', thing: 'shop' })

    // The key of the viewer is a viewer's, so they come with their session.
    const browser = w.panel.browser(w.people.viewer.cookie)
    await browser.get(`/teams/acme${grants()}`)
    const refused = await browser.post(`/teams/acme${grants()}`, { role: strong, on: 'site', thing: 'shop' })
    expect(refused.status).toBe(422)
    expect(refused.text).toContain('allows more than you may do yourself')
    expect((await give(strong)).status).toBe(403)
    await w.api('owner', 'POST', grants(), { role: strong, on: 'site', thing: 'shop' })
    const [grant] = await w.test.query<{ id: string }>('select id from role_grants where user_id = $1', [
      w.people.client.id,
    ])
    const taken = await browser.post(`/teams/acme${grants()}/${grant?.id}`, { _method: 'delete' })
    expect(taken.status).toBe(403)
    expect((await browser.post('/teams/acme/roles', { name: 'X', permissions: 'server:delete' })).status).toBe(403)
  })

  it('AZ-02: is not taken with the membership of whoever holds it, nor by the group that it is held on', async () => {
    const strong = await made({ name: 'Remover', permissions: ['site:delete'] })
    const desk = await made({
      name: 'Desk',
      permissions: ['member:read', 'member:remove', 'site-group:manage', 'site:read'],
    })
    await w.api('owner', 'POST', grants('viewer'), { role: desk, on: 'team' })
    const group = (await w.api('owner', 'POST', '/site-groups', { name: 'Shops' })).json.group
    await w.api('owner', 'POST', grants(), { role: strong, on: 'group', thing: 'Shops' })
    const browser = w.panel.browser(w.people.viewer.cookie)
    await browser.get('/teams/acme/members')
    const ask = async (path: string, fields: Record<string, string>) =>
      (await browser.post(`/teams/acme${path}`, fields)).status

    expect(await ask(`/site-groups/${group.id}/sites`, { site: 'shop' })).toBe(403)
    expect(await ask(`/site-groups/${group.id}`, { _method: 'delete' })).toBe(403)
    expect(await ask(`/members/${w.people.client.id}`, { _method: 'delete' })).toBe(403)
    expect((await w.api('owner', 'POST', `/site-groups/${group.id}/sites`, { site: 'shop' })).status).toBe(201)
  })

  it('is taken also when nothing of it counts there any more', async () => {
    const id = await made()
    await w.api('owner', 'POST', grants(), { role: id, on: 'site', thing: 'shop' })
    await w.test.query(`update roles set permissions = '{member:read}' where id = $1`, [id])
    const [grant] = await w.test.query<{ id: string }>('select id from role_grants')

    expect((await w.api('owner', 'DELETE', `${grants()}/${grant?.id}`)).status).toBe(200)
  })

  it('is undone once', async () => {
    const id = await made()
    await w.api('owner', 'POST', grants(), { role: id, on: 'site', thing: 'shop' })
    const [grant] = await w.test.query<{ id: string }>('select id from role_grants')
    const take = () => w.api('owner', 'DELETE', `${grants()}/${grant?.id}`)

    expect((await take()).status).toBe(200)
    expect((await take()).status).toBe(404)
    expect((await events()).at(-1)).toMatchObject(['role.taken', { role: 'Client', on: 'site', thing: 'Shop' }])
  })
})

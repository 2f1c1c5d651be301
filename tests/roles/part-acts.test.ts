import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../server/platform/ids.js'
import { insert, makeServer, makeSite } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import { makeClientOf } from '../support/people.js'

/** What a developer of one site does to it, where it touches what is of others. */
let w: PanelWorld
let server: { id: string }
let shop: { id: string; slug: string }
let blog: { id: string; slug: string }
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(async () => {
  await w.reset()
  server = await makeServer(w.test, w.acme, { slug: 'web-1', name: 'web-1' })
  const source = { repository_url: 'https://git.example/acme/shop', repository_key: 'git.example/acme/shop' }
  shop = await makeSite(w.test, server, w.acme, { slug: 'shop', name: 'Shop', ...source })
  blog = await makeSite(w.test, server, w.acme, { slug: 'blog', name: 'Blog' })
  await makeClientOf(w, shop.id)
  await w.test.query(`update role_grants set role = 'developer', role_id = null`)
})
afterAll(() => w.close())

describe('AZ-02: a developer of one site', () => {
  const source = (body: object) => w.api('client', 'PUT', '/sites/shop/source', body)
  const another = { repositoryUrl: 'https://git.example/other/client', access: 'none' }

  it('gives it another repository that is open to them', async () => {
    expect((await source(another)).status).toBe(200)
    expect((await w.api('client', 'GET', '/sites/shop')).json.site.repositoryUrl).toBe(another.repositoryUrl)
  })

  it('gives it none that only the team can open: by an app, a token that is kept, or a connection', async () => {
    expect((await source({ ...another, access: 'github-app' })).status).toBe(422)
    await w.test.query(`update sites set credential_kind = 'token', credential_sealed = 'v1.none' where id = $1`, [
      shop.id,
    ])
    expect((await source({ ...another, access: 'keep' })).status).toBe(422)
    await insert(w.test, 'repository_connections', {
      ...{
        id: newId(),
        team_id: w.acme.id,
        host: 'gitea',
        repository_key: 'git.example/other/client',
        web_origin: 'https://git.example',
      },
      ...{ secret_sealed: 'v1.none', created_by: 'Owner', created_at: new Date() },
    })
    const refused = await source(another)
    expect([refused.status, refused.text]).toEqual([422, expect.stringContaining('Only who may create sites')])

    expect((await w.api('owner', 'PUT', '/sites/shop/source', another)).status).toBe(200)
  })

  it('gives it no port that a site has which they do not see, and hears so beside the field', async () => {
    await w.test.query('update sites set port = 4777 where id = $1', [blog.id])

    expect((await w.api('client', 'PATCH', '/sites/shop', { port: 4777 })).status).toBe(422)
    expect((await w.api('client', 'PATCH', '/sites/shop', { port: 4778 })).status).toBe(200)
  })

  it.each([
    ['*.example.com', ['example.com', 'www.example.com', '*.example.com']],
    ['example.com', ['example.com', '*.example.com']],
    ['www.example.com', ['*.example.com', 'www.example.com']],
  ])('takes no name beside %s of another site, and is not told whose it is', async (held, names) => {
    const now = new Date()
    await insert(w.test, 'domains', {
      ...{ id: newId(), team_id: w.acme.id, site_id: blog.id, name: held, parent: held.slice(held.indexOf('.') + 1) },
      ...{ role: 'serve', token: 'x', verified_at: now, verified_by: 'dns', check_due_at: now, created_at: now },
    })
    for (const name of names) {
      const { status, text } = await w.api('client', 'POST', '/sites/shop/domains', { name })
      expect([name, status, text]).toEqual([name, 422, expect.stringContaining('in use on this panel already')])
    }

    expect((await w.api('client', 'POST', '/sites/shop/domains', { name: 'shop.example.org' })).status).toBe(201)
  })

  it('reads no log of a deploy without the right to follow operations', async () => {
    const known = { team_id: w.acme.id, created_at: new Date() }
    const operation = { ...known, id: newId(), kind: 'deploy', subject: `site:${shop.id}`, title: 'Deploy shop' }
    await insert(w.test, 'operations', { ...operation, input: '{}', status: 'queued', requested_by: 'Ada' })
    const deploy = { ...known, id: newId(), site_id: shop.id, operation_id: operation.id, number: 1, kind: 'deploy' }
    await insert(w.test, 'deploys', { ...deploy, branch: 'main', requested_by: 'Ada' })
    await insert(w.test, 'operation_log', {
      ...{ team_id: w.acme.id, operation_id: operation.id, sequence: 1, step: 0, at: new Date() },
      ...{ stream: 'stdout', line: 'canary of the log' },
    })
    const look = async () => (await w.visit('client', '/teams/acme/sites/shop/deploys/1')).text
    expect(await look()).toContain('canary of the log')

    const role = newId()
    await insert(w.test, 'roles', {
      ...{
        id: role,
        team_id: w.acme.id,
        name: 'Reader',
        permissions: ['site:read', 'deploy:read'],
        created_at: new Date(),
      },
    })
    await w.test.query('update role_grants set role = null, role_id = $1', [role])
    expect(await look()).not.toContain('canary of the log')
  })

  it('is told no names of the team’s groups of sites', async () => {
    await insert(w.test, 'site_groups', {
      id: newId(),
      team_id: w.acme.id,
      name: 'Rival client',
      created_at: new Date(),
    })
    expect((await w.visit('client', '/teams/acme/api-keys')).text).not.toContain('Rival client')

    const wanted = { name: 'CI', role: 'viewer', lifetime: '30', on: 'group' }
    const [there, not] = [
      await w.api('client', 'POST', '/api-keys', { ...wanted, thing: 'Rival client' }),
      await w.api('client', 'POST', '/api-keys', { ...wanted, thing: 'Nobody' }),
    ]
    expect([there.status, there.text.replace('Rival client', 'Nobody')]).toEqual([not.status, not.text])
  })

  it('sees no sites of a server on which they hold nothing of sites', async () => {
    const other = await makeServer(w.test, w.acme, { slug: 'web-2', name: 'web-2' })
    await makeSite(w.test, other, w.acme, { slug: 'hidden', name: 'Hidden' })
    const role = newId()
    await insert(w.test, 'roles', {
      ...{ id: role, team_id: w.acme.id, name: 'Watcher', permissions: ['server:read'], created_at: new Date() },
    })
    await insert(w.test, 'role_grants', {
      ...{ id: newId(), team_id: w.acme.id, user_id: w.people.client.id, role_id: role, server_id: other.id },
      ...{ granted_by: 'Owner', created_at: new Date() },
    })

    expect((await w.api('client', 'GET', '/servers/web-2')).status).toBe(200)
    const { json } = await w.api('client', 'GET', '/sites')
    expect(json.items.map(({ slug }: { slug: string }) => slug)).toEqual(['shop'])
    expect((await w.api('client', 'GET', '/sites/hidden')).status).toBe(404)
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../server/platform/ids.js'
import { insert, makeServer, makeSite } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import { makeClientOf } from '../support/people.js'

/** Somebody who holds a role on one site sees that site, whichever way they look, and nothing of the others. */
let w: PanelWorld
let server: { id: string }
let shop: { id: string; slug: string }
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(async () => {
  await w.reset()
  server = await makeServer(w.test, w.acme, { slug: 'web-1', name: 'web-1' })
  shop = await makeSite(w.test, server, w.acme, { slug: 'shop', name: 'Shop' })
  const blog = await makeSite(w.test, server, w.acme, { slug: 'blog', name: 'Blog' })
  for (const site of [shop, blog]) await deployOf(site)
  await makeClientOf(w, shop.id)
})
afterAll(() => w.close())

async function deployOf(site: { id: string; slug: string }): Promise<void> {
  const known = { team_id: w.acme.id, created_at: new Date() }
  const operation = { ...known, id: newId(), kind: 'deploy', subject: `site:${site.id}`, title: `Deploy ${site.slug}` }
  await insert(w.test, 'operations', { ...operation, input: '{}', status: 'queued', requested_by: 'Ada' })
  const deploy = { ...known, id: newId(), site_id: site.id, operation_id: operation.id, number: 1, kind: 'deploy' }
  await insert(w.test, 'deploys', { ...deploy, branch: 'main', requested_by: 'Ada' })
}

const asked = (path: string) => w.api('client', 'GET', path)
const slugs = (items: { slug: string }[]) => items.map(({ slug }) => slug)

describe('a client of one site', () => {
  it('AZ-02: sees it alone in the list, in the search, on the first page and among the operations', async () => {
    expect(slugs((await asked('/sites')).json.items)).toEqual(['shop'])
    expect(slugs((await asked('/search?q=')).json.sites)).toEqual(['shop'])
    expect((await asked('/search?q=blog')).json).toMatchObject({ sites: [], servers: [] })
    expect((await asked('/operations')).text).toContain('Deploy shop')
    const pages = ['', '/sites', '/search?q=deploy', '/operations', '/operations/pill', '/activity']
    for (const page of pages) {
      const { status, text } = await w.visit('client', `/teams/acme${page}`)
      expect([page, status]).toEqual([page, 200])
      expect([page, /blog/i.test(text), text.includes('web-1') && page !== '/sites']).toEqual([page, false, false])
    }
  })

  it('AZ-15: is answered for another site, and what is of it, to the byte as for one that is not there', async () => {
    for (const path of ['/sites/blog', '/sites/blog/deploys', '/sites/blog/deploys/1', '/sites/blog/settings']) {
      const other = await asked(path)
      expect([path, other.status]).toEqual([path, 404])
      expect(other.text).toEqual((await asked(path.replace('blog', 'nope'))).text)
    }
    const [operation] = await w.test.query<{ id: string }>(`select id from operations where title = 'Deploy blog'`)
    const foreign = await asked(`/operations/${operation?.id}`)
    expect(foreign.status).toBe(404)
    expect(foreign.text).toEqual((await asked(`/operations/${newId()}`)).text)
  })

  it('may do what its role allows on the site, and nothing else anywhere', async () => {
    expect((await w.api('client', 'POST', '/sites/shop/deploys', {})).status).toBe(202)
    expect((await w.api('client', 'POST', '/sites/blog/deploys', {})).status).toBe(404)
    expect((await w.api('client', 'DELETE', '/sites/shop', { confirm: 'Shop' })).status).toBe(403)
    expect((await asked('/sites/shop/environment')).status).toBe(403)
    expect((await asked('/servers')).status).toBe(403)
    expect((await asked('/members')).status).toBe(403)
    expect((await asked('/connections')).status).toBe(403)
    expect((await asked('/activity/verification')).status).toBe(403)
  })

  it('sees what happened to the site, and not what happened elsewhere', async () => {
    await w.api('developer', 'PATCH', '/sites/shop', { port: 4001 })
    await w.api('developer', 'PATCH', '/sites/blog', { port: 4002 })
    const { json } = await asked('/activity')

    expect(json.items.map(({ text }: { text: string }) => text)).toEqual([expect.stringContaining('Shop')])
  })

  it('does what they may in the whole team with all of it, and sees one site everywhere else', async () => {
    const permissions = ['event:verify', 'audit:read', 'team:update', 'member:read']
    const role = (await w.api('owner', 'POST', '/roles', { name: 'Auditor', permissions })).json.role
    await w.api('owner', 'POST', `/members/${w.people.client.id}/role-grants`, { role: role.id, on: 'team' })
    await w.test.query(`update api_keys set role = 'owner' where created_by = $1`, [w.people.client.id])
    await w.api('developer', 'PATCH', '/sites/blog', { port: 4002 })

    expect((await asked('/activity/verification')).json).toMatchObject({ ok: true })
    expect((await w.visit('client', '/teams/acme/audit')).text).toContain('Blog')
    expect((await w.api('client', 'PATCH', '', { name: 'Acme Ltd' })).status).toBe(200)
    expect(slugs((await asked('/sites')).json.items)).toEqual(['shop'])
    expect((await asked('/sites/blog')).status).toBe(404)
  })

  it('AZ-09: has it shut with the next request once the role is taken, changed or gone', async () => {
    const deploy = async () => (await w.api('client', 'POST', '/sites/shop/deploys', {})).status

    expect(await deploy()).toBe(202)
    await w.test.query(`update roles set permissions = '{site:read}'`)
    expect(await deploy()).toBe(403)
    await w.test.query('delete from role_grants')
    expect(await deploy()).toBe(403)
    expect((await asked('/sites')).status).toBe(403)
    await w.test.query('delete from memberships where user_id = $1', [w.people.client.id])
    expect(await deploy()).toBe(401)
  })

  it('sees the previews of the site as well', async () => {
    await makeSite(w.test, server, w.acme, { slug: 'shop-pr-7', name: 'Shop, #7', preview_of: shop.id })

    expect((await asked('/sites/shop-pr-7')).status).toBe(200)
  })
})

describe('a role on a server or on a group', () => {
  const give = (body: object) => w.api('owner', 'POST', `/members/${w.people.client.id}/role-grants`, body)

  it('reaches the sites that are on it or in it, also those that come later', async () => {
    const other = await makeServer(w.test, w.acme, { slug: 'web-2', name: 'web-2' })
    expect((await give({ role: 'developer', on: 'server', thing: 'web-2' })).status).toBe(201)
    await makeSite(w.test, other, w.acme, { slug: 'late', name: 'Late' })

    expect(slugs((await asked('/sites')).json.items).sort()).toEqual(['late', 'shop'])
    expect(slugs((await asked('/servers')).json.items)).toEqual(['web-2'])
    expect((await asked('/servers/web-2')).status).toBe(200)
    expect((await asked('/servers/web-1')).status).toBe(404)
  })

  it('ends for a site that is taken out of the group', async () => {
    await w.api('owner', 'POST', '/site-groups', { name: 'Blogs' })
    const group = (await w.api('owner', 'GET', '/site-groups')).json.groups[0].id
    await w.api('owner', 'POST', `/site-groups/${group}/sites`, { site: 'blog' })
    await give({ role: 'viewer', on: 'group', thing: 'blogs' })
    expect((await asked('/sites/blog')).status).toBe(200)

    await w.api('owner', 'DELETE', `/site-groups/${group}/sites/blog`)
    expect((await asked('/sites/blog')).status).toBe(404)
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { newId } from '../../server/platform/ids.js'
import { insert, makeServer, makeSite } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'

/** What who manages two servers, and no site, does to them where it touches what they do not see. */
let w: PanelWorld
let hidden: { id: string }
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(async () => {
  await w.reset()
  const permissions = ['server:read', 'server:delete', 'sites-domain:manage']
  const role = (await w.api('owner', 'POST', '/roles', { name: 'Keeper', permissions })).json.role.id
  for (const thing of ['web-1', 'web-2']) {
    const server = await makeServer(w.test, w.acme, { slug: thing, name: thing })
    if (thing === 'web-1') hidden = await makeSite(w.test, server, w.acme, { slug: 'hidden', name: 'Hidden' })
    await w.api('owner', 'POST', `/members/${w.people.client.id}/role-grants`, { role, on: 'server', thing })
  }
  await w.test.query(`update api_keys set role = 'owner' where created_by = $1`, [w.people.client.id])
})
afterAll(() => w.close())

describe('AZ-02: who manages a server alone', () => {
  it('removes it, but not while a site is on it that they do not see', async () => {
    const remove = (name: string) => w.api('client', 'DELETE', `/servers/${name}`, { confirm: name })

    const refused = await remove('web-1')
    expect([refused.status, refused.text]).toEqual([409, expect.stringContaining('One site is on web-1')])
    expect((await remove('web-2')).status).toBe(200)
    expect((await w.api('owner', 'GET', '/servers/web-2')).status).toBe(404)
  })

  it('gives its sites no domain that covers a name of another site', async () => {
    const now = new Date()
    await insert(w.test, 'domains', {
      ...{ id: newId(), team_id: w.acme.id, site_id: hidden.id, name: 'shop.example.com', parent: 'example.com' },
      ...{ role: 'serve', token: 'x', verified_at: now, verified_by: 'dns', check_due_at: now, created_at: now },
    })
    const give = (name: string) => w.api('client', 'PUT', '/servers/web-2/sites-domain', { name })

    expect(await give('example.com')).toMatchObject({ status: 422 })
    expect((await give('example.com')).text).toContain('in use on this panel already')
    expect((await give('example.org')).status).toBe(200)
  })
})

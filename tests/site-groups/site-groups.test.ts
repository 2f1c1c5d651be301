import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { FieldError } from '../../server/platform/errors.js'
import { newId } from '../../server/platform/ids.js'
import { giveRole } from '../../server/roles/grants.js'
import { deleteRole } from '../../server/roles/own-roles.js'
import { addSite, deleteGroup, renameGroup } from '../../server/site-groups/site-groups.js'
import { days } from '../support/clock.js'
import { insert, makeServer, makeSite } from '../support/make.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'

let w: PanelWorld
let group: string
let remover: string
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(async () => {
  await w.reset()
  const server = await makeServer(w.test, w.acme, { slug: 'web-1', name: 'web-1' })
  await makeSite(w.test, server, w.acme, { slug: 'shop', name: 'Shop' })
  const make = (name: string, permissions: string[]) => w.api('owner', 'POST', '/roles', { name, permissions })
  remover = (await make('Remover', ['site:delete'])).json.role.id
  const desk = (await make('Desk', ['site-group:manage', 'site:read'])).json.role.id
  await w.api('owner', 'POST', `/members/${w.people.viewer.id}/role-grants`, { role: desk, on: 'team' })
  group = (await w.api('owner', 'POST', '/site-groups', { name: 'Shops' })).json.group.id
})
afterAll(() => w.close())

const outcomes = async (work: readonly Promise<unknown>[]) =>
  (await Promise.allSettled(work)).map((done) => (done.status === 'fulfilled' ? 200 : statusOf(done.reason))).sort()
const statusOf = (error: { status?: number }) => (error instanceof FieldError ? 422 : (error.status ?? 500))
const told = async (type: string) =>
  (await w.test.query<{ data: object }>('select data from events where type = $1', [type])).map(({ data }) => data)

async function invite(changes: object = {}): Promise<void> {
  const now = w.clock.now()
  await insert(w.test, 'invitations', {
    ...{ id: newId(), team_id: w.acme.id, email: 'new@example.com', role_id: remover, group_id: group },
    ...{ token_hash: Buffer.alloc(32, 1), is_mailed: false, invited_by: w.people.owner.id },
    ...{ created_at: now, sent_at: now, expires_at: new Date(now.getTime() + days(7)), ...changes },
  })
}

/** A group of the company's directory, in which nobody is yet, holds it. */
async function mapDirectory(): Promise<void> {
  const [now, connection, told] = [w.clock.now(), newId(), newId()]
  const made = { id: connection, team_id: w.acme.id, kind: 'oidc', name: 'Okta', created_by: 'Owner', created_at: now }
  await insert(w.test, 'sign_in_connections', made)
  await insert(w.test, 'directory_groups', {
    ...{ id: told, team_id: w.acme.id, connection_id: connection, display_name: 'Keepers' },
    ...{ created_at: now, changed_at: now },
  })
  await insert(w.test, 'directory_roles', {
    ...{ id: newId(), team_id: w.acme.id, directory_group_id: told, role_id: remover, group_id: group },
    ...{ role_name: 'Remover', thing_name: 'Shops', created_by: 'Owner', created_at: now },
  })
}

describe('a group on which more is held than somebody may do', () => {
  const refused = { status: 403 }
  it.each([
    ['an invitation', () => invite()],
    ['a group of a directory', () => mapDirectory()],
  ])('AZ-02: by %s, takes no site from them and is not removed by them', async (_, hold) => {
    await hold()
    const ctx = await w.ctx('viewer')

    await expect(addSite(ctx, group, 'shop')).rejects.toMatchObject(refused)
    await expect(deleteGroup(ctx, group)).rejects.toMatchObject(refused)
    await addSite(await w.ctx('owner'), group, 'shop')
    await deleteGroup(await w.ctx('owner'), group)
  })

  it.each([
    ['revoked', () => ({ revoked_at: w.clock.now() })],
    ['expired', () => ({ expires_at: w.clock.now() })],
  ])('is theirs to change again once the invitation to it is %s', async (_, over) => {
    await invite(over())

    await addSite(await w.ctx('viewer'), group, 'shop')
    await deleteGroup(await w.ctx('viewer'), group)
  })
})

describe('changes of groups at once', () => {
  it('remove a group once, and tell of it once', async () => {
    const ctx = await w.ctx('owner')
    for (let round = 0; round < 5; round++) {
      const id = (await w.api('owner', 'POST', '/site-groups', { name: 'Brief' })).json.group.id
      expect(await outcomes([1, 2, 3].map(() => deleteGroup(ctx, id)))).toEqual([200, 404, 404])
    }

    expect(await told('site-group.removed')).toHaveLength(5)
  })

  it('give a name to one of several', async () => {
    const ctx = await w.ctx('owner')
    const make = async (name: string) => (await w.api('owner', 'POST', '/site-groups', { name })).json.group.id
    const others = [await make('Blogs'), await make('Forums')]

    expect(await outcomes([group, ...others].map((id) => renameGroup(ctx, id, 'All')))).toEqual([200, 422, 422])
    expect(await told('site-group.renamed')).toHaveLength(1)
  })

  it('tell of no rename to the name that it has', async () => {
    await renameGroup(await w.ctx('owner'), group, 'Shops')
    await renameGroup(await w.ctx('owner'), group, 'shops')

    const renamed = { name: 'shops', before: { name: 'Shops' }, after: { name: 'shops' } }
    expect(await told('site-group.renamed')).toEqual([renamed])
  })

  it('never fail on a role that is given while it, or the group, is removed', async () => {
    const ctx = await w.ctx('owner')
    for (let round = 0; round < 10; round++) {
      const name = `Role ${round}`
      const role = (await w.api('owner', 'POST', '/roles', { name, permissions: ['site:read'] })).json.role.id
      const id = (await w.api('owner', 'POST', '/site-groups', { name })).json.group.id
      const give = (on: 'site' | 'group', thing: string) => giveRole(ctx, w.people.client.id, { role, on, thing })
      const done = await outcomes([
        give('group', name),
        deleteGroup(ctx, id),
        give('site', 'shop'),
        deleteRole(ctx, role),
      ])

      expect(done.filter((status) => status !== 200 && status !== 422)).toEqual([])
    }
  })
})

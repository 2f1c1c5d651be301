import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { mapRole, unmapRole } from '../../server/directories/mappings.js'
import { showDirectory } from '../../server/directories/pages.js'
import { insertGrants } from '../../server/directories/role-queries.js'
import { groupPatch } from '../../server/directories/scim/groups.js'
import { stepsOf } from '../../server/directories/scim/patches.js'
import { allPermissions } from '../../server/platform/access/permissions.js'
import { newId } from '../../server/platform/ids.js'
import { giveRole, takeRole } from '../../server/roles/grants.js'
import { createRole } from '../../server/roles/own-roles.js'
import { rightsOf } from '../../server/roles/rights.js'
import { type Directory, type DirectoryWorld, directoryWorld } from '../support/directory-world.js'
import { makeServer, makeSite } from '../support/make.js'
import type { Name } from '../support/people.js'

describe('groups of a directory', () => {
  let w: DirectoryWorld
  let directory: Directory
  let site: { id: string; slug: string }
  let ada: string
  let group: string
  beforeAll(async () => {
    w = await directoryWorld()
  })
  beforeEach(async () => {
    await w.reset()
    directory = await w.directory()
    site = await makeSite(w.test, await makeServer(w.test, w.acme), w.acme)
    ada = (await directory.ask('POST', '/Users', { userName: 'ada@acme.example', displayName: 'Ada' })).body.id
    const made = { displayName: 'Engineering', members: [{ value: ada }] }
    group = (await directory.ask('POST', '/Groups', made)).body.id
  })
  afterAll(() => w.close())

  const map = async (role: string, on: 'team' | 'site' = 'site', by: Name = 'owner') =>
    mapRole(await w.ctx(by), directory.id, { group, role, on, thing: on === 'site' ? site.slug : '' })
  const patch = (...Operations: unknown[]) => directory.ask('PATCH', `/Groups/${group}`, { Operations })
  const leave = () => patch({ op: 'Remove', path: `members[value eq "${ada}"]` })
  const enter = () => patch({ op: 'Add', path: 'members', value: [{ value: ada }] })
  const say = (active: boolean) =>
    directory.ask('PATCH', `/Users/${ada}`, { Operations: [{ op: 'replace', value: { active } }] })
  const userId = async () => {
    const [user] = await w.test.query<{ id: string }>(`select id from users where email = 'ada@acme.example'`)
    return user?.id ?? ''
  }
  const held = async () => {
    const rights = await rightsOf(await w.ctx('owner'), await userId())
    return rights.held.map(({ role, on, grantedBy }) => `${role} on ${on.name}, by ${grantedBy}`).sort()
  }
  const byGroup = () => `Developer on ${site.slug}, by the group Engineering of Okta`
  const byMembership = 'Viewer on Acme, by null'

  it('AK-02: give and take no role that allows more than whoever made the token may do', async () => {
    await map('admin', 'team')
    await leave()
    await w.test.query(
      `update directory_tokens set role = null, permissions = '{sign-in:manage,member:invite,member:remove}'`,
    )
    expect((await enter()).status).toBe(403)
    expect(await held()).toEqual([byMembership])

    await w.test.query(`update directory_tokens set permissions = $1`, [allPermissions])
    expect((await enter()).status).toBe(204)
    await w.test.query(
      `update directory_tokens set role = null, permissions = '{sign-in:manage,member:invite,member:remove}'`,
    )
    expect((await directory.ask('DELETE', `/Groups/${group}`)).status).toBe(403)
    expect(await held()).toHaveLength(2)
  })

  const memberNames = async () =>
    (await directory.ask('GET', `/Groups/${group}`)).body.members
      .map(({ display }: { display: string }) => display)
      .sort()

  it('have whom a path names replaced by others, and nobody else', async () => {
    const add = async (name: string) =>
      (await directory.ask('POST', '/Users', { userName: `${name}@acme.example`, displayName: name })).body.id
    const [bob, eve] = [await add('Bob'), await add('Eve')]
    await patch({ op: 'add', path: 'members', value: [{ value: bob }] })
    expect((await patch({ op: 'replace', path: `members[value eq "${ada}"]`, value: [{ value: eve }] })).status).toBe(
      204,
    )
    expect(await memberNames()).toEqual(['Bob', 'Eve'])

    const none = await patch({ op: 'replace', path: `members[value eq "${ada}"]`, value: [] })
    expect([none.status, none.body.scimType]).toEqual([400, 'noTarget'])
    await patch(
      { op: 'replace', path: 'members', value: [{ value: ada }] },
      { op: 'add', path: 'members', value: { value: bob } },
    )
    expect(await memberNames()).toEqual(['Ada', 'Bob'])
    await patch({ op: 'remove', path: 'members' })
    expect(await memberNames()).toEqual([])
  })

  it('may have so many members that one statement could not name them all', async () => {
    const people = await w.test.query<{ id: string }>(
      `insert into users (id, email, name, password_hash, created_at)
       select uuidv7(), n || '@many.example', 'Many', 'x', now() from generate_series(1, 6600) n returning id`,
    )
    await w.test.query(
      `insert into memberships (team_id, user_id, role, created_at) select $1, id, 'viewer', now() from users where name = 'Many'`,
      [w.acme.id],
    )
    const on = { site_id: site.id, server_id: null, group_id: null, role_id: null, directory_role_id: null }
    const held = { ...on, team_id: w.acme.id, role: 'viewer' as const, granted_by: 'a group', created_at: new Date() }
    const rows = people.map(({ id }) => ({ ...held, id: newId(), user_id: id }))
    await w.services.db.asIdentity((db) => insertGrants(db, rows))

    const [found] = await w.test.query(`select count(*)::int as count from role_grants where granted_by = 'a group'`)
    expect(found).toEqual({ count: 6600 })
    await w.test.query(`delete from users where name = 'Many'`)
  })

  it('have their id at the directory changed, which the log tells', async () => {
    await patch({ op: 'replace', path: 'externalId', value: 'g-7' })
    const [event] = await w.test.query(`select data from events where type = 'directory.group-changed'`)
    expect(event).toMatchObject({ data: { before: { externalId: null }, after: { externalId: 'g-7' } } })
  })

  it('RL-04: take a thousand steps on thousands of members, each of which changes what the one before has left', () => {
    const members = new Set(Array.from({ length: 5000 }, (_, number) => `user-${number}`))
    const steps = Array.from({ length: 1000 }, (_, number) => ({
      op: 'remove',
      path: 'members',
      value: [{ value: `user-${number}` }],
    }))
    const started = process.cpuUsage().user
    const after = groupPatch(stepsOf({ Operations: steps }))({ displayName: 'All', externalId: null, members })

    expect(after.members.size).toBe(4000)
    expect(members.size).toBe(5000)
    // A copy for each step took over a second.
    expect(process.cpuUsage().user - started).toBeLessThan(300_000)
  })

  it('AK-02: give also what the role of whoever made the token comes to allow in a later version', async () => {
    await map('admin', 'team')
    await leave()
    await w.test.query(`update directory_tokens set permissions = '{sign-in:manage}'`)

    expect((await enter()).status).toBe(204)
    expect(await held()).toEqual(['Admin on Acme, by the group Engineering of Okta', byMembership])
  })

  it('give the role that they were given to whoever is in them, and take it from who leaves', async () => {
    await map('developer')
    expect(await held()).toEqual([byGroup(), byMembership])

    await leave()
    expect(await held()).toEqual([byMembership])
    await enter()
    expect(await held()).toEqual([byGroup(), byMembership])
    expect((await w.eventTypes()).filter((type) => type.startsWith('role.'))).toEqual([
      'role.given',
      'role.taken',
      'role.given',
    ])
  })

  it('say so on the page of the member, where it cannot be taken by hand', async () => {
    await map('developer')
    const [id, browser] = [await userId(), w.panel.browser(w.people.owner.cookie)]
    const page = await browser.get(`/teams/acme/members/${id}/role-grants`)
    expect(page.text).toContain('Developer, given by the group Engineering of Okta')
    expect(page.text).not.toContain('Take role')

    const [grant] = await w.test.query<{ id: string }>('select id from role_grants where user_id = $1', [id])
    await expect(takeRole(await w.ctx('owner'), id, grant?.id ?? '')).rejects.toMatchObject({
      status: 409,
      message: 'It comes from the group Engineering of Okta',
    })
  })

  it('leave alone what was given by hand, also when it is the same', async () => {
    await giveRole(await w.ctx('owner'), await userId(), { role: 'developer', on: 'site', thing: site.slug })
    await map('developer')
    expect(await held()).toHaveLength(3)

    await leave()
    expect(await held()).toEqual([`Developer on ${site.slug}, by Owner`, byMembership])
    await enter()
    const [mapping] = (await showDirectory(await w.ctx('owner'), directory.id)).directory.roles
    await unmapRole(await w.ctx('owner'), directory.id, mapping?.id ?? '')
    expect(await held()).toEqual([`Developer on ${site.slug}, by Owner`, byMembership])
  })

  it('give it again to who is active again, and not to who is not', async () => {
    await map('developer')
    await say(false)
    expect(await w.test.query('select 1 from role_grants where directory_role_id is not null')).toEqual([])
    await leave()
    await enter()
    expect(await w.test.query('select 1 from role_grants where directory_role_id is not null')).toEqual([])

    await say(true)
    expect(await held()).toEqual([byGroup(), byMembership])
  })

  it('take it when they go, and are called anew when they are renamed', async () => {
    await map('developer')
    await patch({ op: 'Replace', path: 'displayName', value: 'Builders' })
    expect(await held()).toEqual([`Developer on ${site.slug}, by the group Builders of Okta`, byMembership])

    await directory.ask('DELETE', `/Groups/${group}`)
    expect(await held()).toEqual([byMembership])
    expect((await w.eventTypes()).slice(-2)).toEqual(['directory.group-removed', 'role.taken'])
  })

  it('may hold a built-in role or one of the team’s own on the whole team', async () => {
    const own = await createRole(await w.ctx('owner'), { name: 'Helper', permissions: ['site:read', 'log:read'] })
    await map('admin', 'team')
    await map(own.id, 'team')
    expect(await held()).toEqual([
      'Admin on Acme, by the group Engineering of Okta',
      'Helper on Acme, by the group Engineering of Okta',
      byMembership,
    ])
  })

  it('do not own a team, and get no more than who gives it may do', async () => {
    await expect(map('owner', 'team')).rejects.toMatchObject({ field: 'role' })
    await expect(map('owner', 'site', 'admin')).resolves.toBeUndefined()
    await expect(map('admin', 'team', 'developer')).rejects.toMatchObject({ field: 'role' })
    await expect(map('viewer')).resolves.toBeUndefined()
    await expect(map('viewer')).rejects.toMatchObject({ field: 'role', message: 'The group holds it already' })
    await expect(map('nonsense')).rejects.toMatchObject({ field: 'role' })
  })

  it('are none of another directory, and its roles are not there', async () => {
    const theirs = await w.directory('stranger', 'Rivals')
    const { body: foreign } = await theirs.ask('POST', '/Groups', { displayName: 'Theirs' })
    const wanted = { role: 'viewer', on: 'team', thing: '', group: foreign.id } as const
    await expect(mapRole(await w.ctx('owner'), directory.id, wanted)).rejects.toMatchObject({ field: 'group' })
    await expect(mapRole(await w.ctx('owner'), theirs.id, wanted)).rejects.toMatchObject({ status: 404 })
    await map('developer')
    const [mapping] = (await showDirectory(await w.ctx('owner'), directory.id)).directory.roles
    const second = await w.directory('owner', 'Entra')
    await expect(unmapRole(await w.ctx('owner'), second.id, mapping?.id ?? '')).rejects.toMatchObject({ status: 404 })
  })

  it('open in the browser what they allow, from the next request, and no longer', async () => {
    await map('developer')
    await w.test.query(`update memberships set role = null where user_id = $1`, [await userId()])
    const may = async () => {
      const rights = await rightsOf(await w.ctx('owner'), await userId())
      return rights.rights.filter(({ permission }) => permission === 'deploy:create').flatMap(({ where }) => where)
    }
    expect(await may()).toEqual([{ on: site.slug, because: 'Developer, given by the group Engineering of Okta' }])
    await leave()
    expect(await may()).toEqual([])
  })

  it('settle as they should when people and groups are told of at once', async () => {
    await map('developer')
    for (let round = 0; round < 3; round++) {
      await Promise.all([say(false), leave()])
      await Promise.all([enter(), say(true)])
      expect(await held()).toEqual([byGroup(), byMembership])
    }
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { changeRole, leaveTeam, removeMember, transferOwnership } from '../../server/teams/members.js'
import { membersOf, newTeam } from '../../server/teams/teams.js'
import { startTestPanel } from '../support/panel.js'
import { type Name, type World, world } from '../support/people.js'

describe('the members of a team', () => {
  let w: World
  const roles = async () =>
    Object.fromEntries((await membersOf(await w.ctx('admin'))).map(({ name, role }) => [name, role]))
  const id = (name: Name) => w.people[name].id
  const make = (name: Name, role: string) =>
    w.test.query('update memberships set role = $2 where user_id = $1', [id(name), role])
  const events = async () =>
    (
      await w.test.query<{ type: string; actor_name: string; data: unknown }>(
        'select type, actor_name, data from events where team_id = $1 order by sequence',
        [w.acme.id],
      )
    ).map(({ type, actor_name, data }) => [type, actor_name, data])

  beforeAll(async () => {
    w = await world()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  it('get another role, which the log tells once', async () => {
    const ctx = await w.ctx('admin')
    await changeRole(ctx, id('viewer'), 'developer')
    await changeRole(ctx, id('viewer'), 'developer')

    expect(await roles()).toMatchObject({ Viewer: 'developer' })
    expect(await events()).toEqual([
      ['member.role-changed', 'Admin', expect.objectContaining({ name: 'Viewer', from: 'viewer', to: 'developer' })],
    ])
  })

  it('AZ-10: are removed with the API keys that they made here, which a second time do not come back', async () => {
    await removeMember(await w.ctx('admin'), id('developer'))

    expect(await roles()).not.toHaveProperty('Developer')
    const keys = await w.test.query('select revoked_at from api_keys where created_by = $1', [id('developer')])
    expect(keys).toEqual([{ revoked_at: w.clock.now() }])
    expect(await events()).toEqual([
      ['member.removed', 'Admin', { name: 'Developer', role: 'developer', keysRevoked: 1 }],
    ])
    await expect(removeMember(await w.ctx('admin'), id('developer'))).rejects.toMatchObject({ status: 404 })
  })

  it('IV-01: cannot be given, nor lose, a role that may do more than who asks', async () => {
    const admin = await w.ctx('admin')
    await expect(changeRole(admin, id('viewer'), 'owner')).rejects.toThrow('a role that may do more than yours')
    await expect(changeRole(admin, id('owner'), 'viewer')).rejects.toThrow('Owner may do more here than you')
    await expect(removeMember(admin, id('owner'))).rejects.toThrow('Owner may do more here than you')
    await expect(changeRole(admin, id('admin'), 'owner')).rejects.toThrow('a role that may do more than yours')
    expect(await roles()).toMatchObject({ Owner: 'owner', Admin: 'admin', Viewer: 'viewer' })
  })

  it('IV-05: of another team are not there', async () => {
    const admin = await w.ctx('admin')
    const notThere = { status: 404, message: 'There is no such member' }
    await expect(removeMember(admin, id('stranger'))).rejects.toMatchObject(notThere)
    await expect(changeRole(admin, id('stranger'), 'viewer')).rejects.toMatchObject(notThere)
    await expect(removeMember(admin, 'nobody')).rejects.toMatchObject(notThere)
  })

  it('IV-06: keep an owner: the last one cannot leave, be demoted or removed', async () => {
    const owner = await w.ctx('owner')
    await expect(leaveTeam(owner)).rejects.toThrow('keeps an owner')
    await expect(changeRole(owner, id('owner'), 'admin')).rejects.toThrow('keeps an owner')
    await expect(removeMember(owner, id('owner'))).rejects.toThrow('This is you')
    await leaveTeam(await w.ctx('viewer'))
    expect(Object.keys(await roles())).toEqual(['Admin', 'Billing', 'Client', 'Developer', 'Owner'])
  })

  it('IV-06: keep one of two owners who leave in the same moment', async () => {
    for (let round = 0; round < 5; round++) {
      await w.reset()
      await make('admin', 'owner')
      const both = await Promise.all([w.ctx('owner'), w.ctx('admin')])

      const answers = await Promise.allSettled(both.map(leaveTeam))

      expect(answers.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
      const owners = await w.test.query("select 1 from memberships where role = 'owner' and team_id = $1", [w.acme.id])
      expect(owners).toHaveLength(1)
    }
  })

  it('IV-06: do not count an owner who is suspended as one', async () => {
    await make('admin', 'owner')
    const owner = await w.ctx('owner')
    await w.test.query('update users set disabled_at = now() where id = $1', [id('admin')])

    await expect(leaveTeam(owner)).rejects.toThrow('keeps an owner')
    await changeRole(owner, id('admin'), 'viewer')
    await make('admin', 'owner')
    await removeMember(owner, id('admin'))
    expect(await w.test.query(`select 1 from memberships where user_id = $1`, [id('admin')])).toEqual([])
  })

  it('IV-06: take the team over from its owner, who stays as an admin', async () => {
    const owner = await w.ctx('owner')
    await expect(transferOwnership(owner, id('owner'))).rejects.toMatchObject({ field: 'member' })
    await expect(transferOwnership(owner, id('stranger'))).rejects.toMatchObject({ status: 404 })

    await transferOwnership(owner, id('developer'))

    expect(await roles()).toMatchObject({ Owner: 'admin', Developer: 'owner' })
    expect(await events()).toEqual([['team.ownership-transferred', 'Owner', { name: 'Developer', from: 'Owner' }]])
    await expect(transferOwnership(owner, id('viewer'))).rejects.toMatchObject({ status: 403 })
  })

  it('RL-04: own no more than twenty teams, by whatever they would become owners', async () => {
    const developer = await w.personCtx('developer')
    for (let number = 0; number < 20; number++) await newTeam(developer, `Team ${number}`)
    const owner = await w.ctx('owner')
    const tooMany = { status: 409, message: 'Developer owns 20 teams, and nobody owns more' }

    await expect(changeRole(owner, id('developer'), 'owner')).rejects.toMatchObject(tooMany)
    await expect(transferOwnership(owner, id('developer'))).rejects.toMatchObject(tooMany)
    expect(await roles()).toMatchObject({ Owner: 'owner', Developer: 'developer' })
  })

  it('IV-06: take the team over only once its owner has shown that it is them', async () => {
    const panel = await startTestPanel(w)
    await w.test.query('update sessions set password_proved_at = null, factor_proved_at = null')
    const browser = panel.browser(w.people.owner.cookie)
    await browser.get('/teams/acme/settings')
    const answer = await browser.post('/teams/acme/ownership', { member: id('developer') })

    expect(answer.headers.get('location')).not.toBe('/teams/acme/members')
    expect(await roles()).toMatchObject({ Owner: 'owner' })
    await panel.close()
  })
})

import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { dropSignInRequirementOf } from '../../server/cli/drop-sign-in-requirement.js'
import { paths } from '../../server/paths.js'
import { requirementPage } from '../../server/sign-in-requirements/sign-in-requirements.js'
import { changeRole, leaveTeam, removeMember, transferOwnership } from '../../server/teams/members.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { type World, world } from '../support/people.js'

describe('the owner who opens a team when its own sign-in fails', () => {
  let w: World
  let panel: TestPanel

  beforeAll(async () => {
    w = await world()
    panel = await startTestPanel(w)
  })
  beforeEach(async () => {
    await w.reset()
    await w.test.query(`update memberships set role = 'owner' where user_id = $1`, [w.people.admin.id])
    const connection = randomUUID()
    await w.test.query(
      `insert into sign_in_connections (id, team_id, kind, name, created_by, created_at)
       values ($1, $2, 'oidc', 'Okta', 'Owner', now())`,
      [connection, w.acme.id],
    )
    await w.test.query('update sessions set connection_id = $1', [connection])
    await w.test.query(
      `insert into sign_in_requirements (team_id, connection_id, break_glass_user_id, created_by, created_at)
       values ($1, $2, $3, 'Owner', now())`,
      [w.acme.id, connection, w.people.owner.id],
    )
  })
  afterAll(async () => {
    await panel.close()
    await w.close()
  })

  const refused = { status: 409, hint: expect.stringContaining('Name another break-glass owner first') }

  it('SO-06: is neither demoted nor removed, leaves not, and gives the team to nobody', async () => {
    const [owner, other] = [await w.ctx('owner'), await w.ctx('admin')]
    const { id } = w.people.owner

    await expect(changeRole(other, id, 'admin')).rejects.toMatchObject(refused)
    await expect(removeMember(other, id)).rejects.toMatchObject(refused)
    await expect(leaveTeam(owner)).rejects.toMatchObject(refused)
    await expect(transferOwnership(owner, w.people.developer.id)).rejects.toMatchObject(refused)

    await w.test.query('update sign_in_requirements set break_glass_user_id = $1', [w.people.admin.id])
    await transferOwnership(owner, w.people.developer.id)
  })

  it('is warned of where they cannot open it any more', async () => {
    const fault = async () => (await requirementPage(await w.ctx('admin'))).breakGlassFault
    const { id } = w.people.owner

    expect(await fault()).toBe('Owner has no second factor any more.')
    const shown = await panel.browser(w.people.admin.cookie).get(paths.signInRequirement('acme'))
    expect(shown.text).toContain('Nobody gets in when the sign-in fails')
    await w.test.query(
      `insert into authenticator_apps (id, user_id, secret_sealed, confirmed_at, created_at) values ($1, $1, 'x', now(), now())`,
      [id],
    )
    expect(await fault()).toBeNull()
    await w.test.query('update users set disabled_at = now() where id = $1', [id])
    expect(await fault()).toBe('Owner is suspended.')
    await w.test.query(`update memberships set role = 'viewer' where user_id = $1`, [id])
    expect(await fault()).toBe('Who was named owns the team no longer.')
  })

  it('SO-06: is not needed by who has a shell on the machine, which the log tells', async () => {
    expect(await dropSignInRequirementOf(w.services, 'acme')).toContain('opens by every way of signing in again')

    expect(await w.test.query('select 1 from sign_in_requirements')).toEqual([])
    const told = await w.test.query(`select type, actor_name from events where team_id = $1`, [w.acme.id])
    expect(told).toEqual([{ type: 'sign-in-requirement.dropped', actor_name: 'Shell' }])
    await expect(dropSignInRequirementOf(w.services, 'acme')).rejects.toMatchObject({ status: 404 })
    await expect(dropSignInRequirementOf(w.services, 'nobody')).rejects.toMatchObject({ status: 404 })
  })
})

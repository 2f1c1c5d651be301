import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { revokeApiKey } from '../../server/api-keys/api-keys.js'
import { suspendPerson, suspendTeam } from '../../server/operator/operator.js'
import { newId } from '../../server/platform/ids.js'
import { takeRole } from '../../server/roles/grants.js'
import { signOut } from '../../server/sessions/ending.js'
import { requestTeamDeletion } from '../../server/team-deletions/team-deletions.js'
import { changeRole, leaveTeam, removeMember } from '../../server/teams/members.js'
import { insert, makeServer, makeSite } from '../support/make.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { type Name, type World, world } from '../support/people.js'

/** What a tab has open: the log of an operation that runs and says nothing. */
interface Open {
  /** Milliseconds until it was closed, from now; it rejects where it stays open. */
  closesIn(): Promise<number>
  isOpen(): boolean
}

describe('what somebody has open of a team', () => {
  let w: World
  let panel: TestPanel
  let path: string
  let site: { id: string; slug: string }
  const id = (name: Name) => w.people[name].id

  async function open(headers: Record<string, string>): Promise<Open> {
    const response = await fetch(panel.url + path, { headers })
    expect(response.status).toBe(200)
    const reader = response.body?.getReader()
    let isOpen = true
    await reader?.read()
    const end = (async () => {
      for (;;) if ((await reader?.read())?.done !== false) break
      isOpen = false
      return performance.now()
    })()
    return {
      isOpen: () => isOpen,
      closesIn: async () => {
        const from = performance.now()
        const late = new Promise<number>((_, reject) => setTimeout(() => reject(new Error('It is still open')), 5000))
        return (await Promise.race([end, late])) - from
      },
    }
  }
  const tabOf = (name: Name) => open({ cookie: w.people[name].cookie })
  const keyOf = (name: Name) => open({ authorization: `Bearer ${w.people[name].apiKey}` })

  beforeAll(async () => {
    w = await world()
    panel = await startTestPanel(w)
  })
  beforeEach(async () => {
    await w.test.query('truncate teams cascade')
    await w.reset()
    const operation = newId()
    const server = await makeServer(w.test, w.acme)
    site = await makeSite(w.test, server, w.acme)
    await insert(w.test, 'operations', {
      ...{
        id: operation,
        team_id: w.acme.id,
        kind: 'deploy',
        subject: `site:${site.id}`,
        title: 'Deploy',
        input: '{}',
      },
      ...{ status: 'running', requested_by: 'Ada', created_at: new Date(), heartbeat_at: new Date() },
    })
    path = `/teams/acme/operations/${operation}/log/stream`
  })
  afterAll(async () => {
    await panel.close()
    await w.close()
  })

  const losses: [string, Name, () => Promise<unknown>][] = [
    ['AZ-10: is removed', 'viewer', async () => removeMember(await w.ctx('owner'), id('viewer'))],
    ['AZ-10: leaves', 'viewer', async () => leaveTeam(await w.ctx('viewer'))],
    ['AZ-09: is demoted', 'viewer', async () => changeRole(await w.ctx('owner'), id('viewer'), 'billing')],
    ['SE-03: signs out', 'viewer', async () => signOut(await w.personCtx('viewer'))],
    ['is suspended', 'viewer', async () => suspendPerson(await w.personCtx('operator'), id('viewer'), 'Abuse')],
    ['sees the team suspended', 'viewer', async () => suspendTeam(await w.personCtx('operator'), w.acme.id, 'Abuse')],
    ['sees the team deleted', 'viewer', async () => requestTeamDeletion(await w.ctx('owner'), { confirm: 'Acme' })],
  ]

  it.each(losses)('is closed at once when somebody %s, and nobody else’s is', async (_, name, happens) => {
    const [tab, others] = [await tabOf(name), await tabOf('developer')]
    await happens()

    expect(await tab.closesIn()).toBeLessThan(2000)
    const isWholeTeam =
      (await fetch(panel.url + path, { headers: { cookie: w.people.developer.cookie } })).status === 403
    if (!isWholeTeam) expect(others.isOpen()).toBe(true)
  })

  it('AZ-10: is closed by key, too, when its maker is removed or it is revoked', async () => {
    const [first, second] = [await keyOf('viewer'), await keyOf('developer')]
    await removeMember(await w.ctx('owner'), id('viewer'))
    expect(await first.closesIn()).toBeLessThan(2000)
    expect(second.isOpen()).toBe(true)

    const [key] = await w.test.query<{ id: string }>('select id from api_keys where created_by = $1', [id('developer')])
    await revokeApiKey(await w.ctx('owner'), key?.id ?? '')
    expect(await second.closesIn()).toBeLessThan(2000)
  })

  it('AZ-10: is closed when a role on one site is taken', async () => {
    const grant = { id: newId(), team_id: w.acme.id, user_id: id('billing'), site_id: site.id, role: 'viewer' }
    await insert(w.test, 'role_grants', { ...grant, granted_by: 'Owner', created_at: new Date() })
    const tab = await tabOf('billing')
    await takeRole(await w.ctx('owner'), id('billing'), grant.id)

    expect(await tab.closesIn()).toBeLessThan(2000)
  })

  it('AZ-09: is closed within five seconds also when the signal is lost', async () => {
    const tab = await tabOf('viewer')
    for (const table of ['memberships', 'api_keys', 'role_grants'])
      await w.test.query(`alter table ${table} disable trigger tell_of_access`)
    await removeMember(await w.ctx('owner'), id('viewer'))

    expect(await tab.closesIn()).toBeLessThan(5000)
  })
})

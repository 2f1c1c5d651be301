import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { requestDeploy } from '../../server/deploys/deploys.js'
import { verifyChain } from '../../server/platform/events/verify.js'
import { newId } from '../../server/platform/ids.js'
import {
  deletionPage,
  removeDueTeams,
  requestTeamDeletion,
  undoTeamDeletion,
} from '../../server/team-deletions/team-deletions.js'
import { days } from '../support/clock.js'
import { insert, makeServer, makeSite } from '../support/make.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { type World, world } from '../support/people.js'

describe('the deletion of a team', () => {
  let w: World
  let panel: TestPanel
  let site: { id: string; slug: string }
  const ask = async () => requestTeamDeletion(await w.ctx('owner'), { confirm: 'Acme' })
  const ownerCtx = () => w.identity('owner').then((who) => w.authorizer.teamCtx(who, 'acme', 'team:delete'))
  const never = new AbortController().signal
  /** So much later; everybody was here in between. */
  const later = async (ms: number) => {
    w.clock.advance(ms)
    await w.test.query('update sessions set last_seen_at = $1, expires_at = $2', [
      w.clock.now(),
      new Date(w.clock.now().getTime() + days(30)),
    ])
  }
  const types = async () =>
    (
      await w.test.query<{ type: string }>(
        `select type from events where team_id = $1 and type <> 'access.denied' order by sequence`,
        [w.acme.id],
      )
    ).map(({ type }) => type)

  beforeAll(async () => {
    w = await world()
    panel = await startTestPanel(w)
  })
  beforeEach(async () => {
    await w.test.query('truncate teams, removed_teams cascade')
    await w.reset()
    const server = await makeServer(w.test, w.acme, { name: 'web-1' })
    site = await makeSite(w.test, server, w.acme, { name: 'shop' })
    await insert(w.test, 'domains', {
      ...{ id: newId(), site_id: site.id, team_id: w.acme.id, name: 'shop.example.com' },
      ...{ parent: 'example.com', role: 'primary', token: 'a', check_due_at: new Date(), created_at: new Date() },
    })
  })
  afterAll(async () => {
    await panel.close()
    await w.close()
  })

  it('shows first what goes, by name', async () => {
    const shown = await deletionPage(await w.ctx('owner'))

    expect(shown).toMatchObject({ sites: ['shop'], previews: [], servers: ['web-1'], domains: ['shop.example.com'] })
    expect(shown.apiKeys).toBe(6)
    expect(shown.members.map(({ name }) => name)).toEqual([
      'Admin',
      'Billing',
      'Client',
      'Developer',
      'Owner',
      'Viewer',
    ])
  })

  it('needs the name typed, and happens once', async () => {
    await expect(requestTeamDeletion(await w.ctx('owner'), { confirm: 'acme' })).rejects.toMatchObject({
      field: 'confirm',
    })
    await ask()
    const first = await w.test.query('select delete_after from teams where id = $1', [w.acme.id])
    await later(days(1))
    await requestTeamDeletion(await ownerCtx(), { confirm: 'Acme' })

    expect(await w.test.query('select delete_after from teams where id = $1', [w.acme.id])).toEqual(first)
    expect(await types()).toEqual(['team.deletion-requested'])
  })

  it('closes every page to everybody at once, and says so; the way to undo it stays open to owners', async () => {
    await ask()

    const viewer = await panel.browser(w.people.viewer.cookie).get('/teams/acme')
    expect(viewer.status).toBe(403)
    expect(viewer.text).toContain('Acme is closed: it is being deleted')
    const owner = panel.browser(w.people.owner.cookie)
    expect((await owner.get('/teams/acme/sites')).status).toBe(403)
    expect((await owner.get('/teams')).text).toContain('/teams/acme/deletion')
    expect((await owner.get('/teams/acme/deletion')).text).toContain('Keep the team')
    expect((await panel.browser(w.people.admin.cookie).get('/teams/acme/deletion')).status).toBe(403)
    expect((await panel.browser(w.people.stranger.cookie).get('/teams/acme')).status).toBe(404)
    const key = { headers: { authorization: `Bearer ${w.people.owner.apiKey}` } }
    expect((await fetch(`${panel.url}/api/v1/teams/acme/sites`, key)).status).toBe(403)
  })

  it('deploys nothing new, cancels what waits, and leaves what is served alone', async () => {
    const ctx = await w.ctx('owner')
    await ctx.transaction((tx) => requestDeploy(tx, site.slug))
    await ask()

    await expect(ctx.transaction((tx) => requestDeploy(tx, site.slug))).rejects.toThrow('The team is being deleted')
    expect(await w.test.query('select status from operations')).toEqual([{ status: 'cancelled' }])
    await later(days(7) - 1)
    await removeDueTeams(w.services, never)
    expect(await w.test.query('select delete_requested_at from sites')).toEqual([{ delete_requested_at: null }])
  })

  it('is undone by an owner, as if nothing had been', async () => {
    await ask()
    await later(days(6))
    const owner = panel.browser(w.people.owner.cookie)
    await owner.get('/teams/acme/deletion')
    expect((await owner.post('/teams/acme/deletion', { _method: 'delete' })).status).toBe(303)
    await undoTeamDeletion(await w.ctx('owner'))
    await later(days(10))
    await removeDueTeams(w.services, never)

    expect(await w.ctx('viewer')).toMatchObject({ team: { slug: 'acme' } })
    expect(await types()).toEqual(['team.deletion-requested', 'team.deletion-undone'])
  })

  it('cannot be undone once its sites are being removed, which is asked for once', async () => {
    await ask()
    await later(days(7))
    await removeDueTeams(w.services, never)
    await removeDueTeams(w.services, never)

    await expect(undoTeamDeletion(await ownerCtx())).rejects.toMatchObject({ status: 409 })
    expect(await w.test.query('select kind, status from operations')).toEqual([
      { kind: 'remove-site', status: 'queued' },
    ])
    expect(await w.test.query('select count(*)::int as teams from teams')).toEqual([{ teams: 2 }])
  })

  it('tries a removal that failed again an hour later, and leaves behind what is on a server that is lost', async () => {
    await ask()
    await later(days(7))
    const fail = async () => {
      await w.test.query("update operations set status = 'failed', ended_at = $1", [w.clock.now()])
      await w.test.query('update sites set delete_requested_at = null')
    }
    const removals = async () => (await w.test.query("select 1 from operations where kind = 'remove-site'")).length
    await removeDueTeams(w.services, never)
    await fail()
    await removeDueTeams(w.services, never)
    expect(await removals()).toBe(1)
    await later(60 * 60_000)
    await removeDueTeams(w.services, never)
    expect(await removals()).toBe(2)

    await fail()
    await later(days(3))
    await w.test.query("update servers set status = 'unreachable'")
    await removeDueTeams(w.services, never)
    expect(await w.test.query('select slug from teams order by slug')).toEqual([{ slug: 'rival' }])
    const [site] = await w.test.query<{ data: object }>("select data from events where type = 'site.removed'")
    expect(site?.data).toMatchObject({ name: 'shop', leftOn: 'web-1' })
  })

  it('ends with the team gone, its people still there, and its log whole', async () => {
    await ask()
    await later(days(7))
    await w.test.query('delete from sites')
    await removeDueTeams(w.services, never)
    await removeDueTeams(w.services, never)

    expect(await w.test.query('select slug from teams order by slug')).toEqual([{ slug: 'rival' }])
    expect(await w.test.query('select slug, name from removed_teams')).toEqual([{ slug: 'acme', name: 'Acme' }])
    expect(await types()).toEqual([
      ...['team.deletion-requested', 'team.removal-begun', 'server.removed', 'team.removed'],
    ])
    expect(await w.services.db.asOperator((db) => verifyChain(db, w.acme.id))).toEqual({ ok: true, events: 4 })
    expect(await w.personCtx('owner')).toMatchObject({ actor: { name: 'Owner' } })
    expect((await panel.browser(w.people.owner.cookie).get('/teams/acme')).status).toBe(404)
  })

  it.each(['admin', 'developer', 'viewer'] as const)(
    'is refused to %s, who may neither see nor ask for it',
    async (who) => {
      const browser = panel.browser(w.people[who].cookie)
      await browser.get('/teams')
      expect((await browser.post('/teams/acme/deletion', { confirm: 'Acme' })).status).toBe(403)
      expect(await types()).toEqual([])
    },
  )
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { removeApp } from '../../server/factors/apps.js'
import { newId } from '../../server/platform/ids.js'
import { forgetOldSessions } from '../../server/sessions/ending.js'
import { changePanelRules, changeTeamRules, teamRules } from '../../server/sign-in-rules/sign-in-rules.js'
import { days, minutes } from '../support/clock.js'
import { withApp } from '../support/factors.js'
import { insert } from '../support/make.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { type Name, type World, world } from '../support/people.js'

const none = { requiresFactor: false, idleMinutes: null, longestHours: null }

let w: World
let panel: TestPanel
beforeAll(async () => {
  w = await world()
  panel = await startTestPanel(w)
})
beforeEach(async () => {
  await w.reset()
  await w.test.query('delete from sign_in_rules')
})
afterAll(async () => {
  await panel.close()
  await w.close()
})

const asPerson = (name: Name, path: string) => panel.browser(w.people[name].cookie).get(path)
const asKey = async (name: Name, path: string) =>
  (await fetch(`${panel.url}/api/v1${path}`, { headers: { authorization: `Bearer ${w.people[name].apiKey}` } })).status

/** The log of an operation that goes on, as it is followed; ends when the panel ends it. */
async function openStream(name: Name): Promise<Promise<string>[]> {
  const id = newId()
  await insert(w.test, 'operations', {
    id,
    team_id: w.acme.id,
    kind: 'deploy',
    subject: `site:${newId()}`,
    title: 'Deploy shop',
    input: '{}',
    status: 'running',
    requested_by: 'Ada',
    created_at: w.clock.now(),
  })
  const headers = { cookie: w.people[name].cookie, accept: 'text/event-stream' }
  const answer = await fetch(`${panel.url}/teams/acme/operations/${id}/log/stream`, { headers })
  expect(answer.headers.get('content-type')).toContain('text/event-stream')
  return [answer.text()]
}

describe('a team that requires a second factor', () => {
  const require = async () => changeTeamRules(await w.ctx('owner'), { ...none, requiresFactor: true })

  it('MF-08: is shut to whoever has none: pages, API with a session, and keys', async () => {
    expect(await asKey('viewer', '/teams/acme/members')).toBe(200)
    await require()

    const page = await asPerson('viewer', '/teams/acme/members')
    expect(page.status).toBe(403)
    expect(page.text).toContain('Acme requires a second factor, and you have none yet')
    expect(page.text).toContain('href="/profile/sign-in"')
    expect((await asPerson('viewer', '/api/v1/teams/acme/members')).status).toBe(403)
    expect(await asKey('viewer', '/teams/acme/members')).toBe(403)
    expect((await asPerson('viewer', '/profile/sign-in')).status).toBe(200)
    expect((await asPerson('viewer', '/teams')).status).toBe(200)
  })

  it('MF-08: ends the streams that are open', async () => {
    const [ended] = await openStream('viewer')
    await require()

    expect(await ended).toContain('retry')
  })

  it('MF-08: is open again once a factor is set up, and to those who have one', async () => {
    await withApp(w, 'developer')
    await require()
    expect((await asPerson('developer', '/teams/acme/members')).status).toBe(200)
    expect(await asKey('developer', '/teams/acme/members')).toBe(200)

    await withApp(w, 'viewer')
    expect((await asPerson('viewer', '/teams/acme/members')).status).toBe(200)
    expect(await asKey('viewer', '/teams/acme/members')).toBe(200)
  })

  it('MF-08: is shut again to the session that has shown a factor, once that is removed', async () => {
    await withApp(w, 'viewer')
    await w.test.query('update sessions set factor_proved_at = $1 where user_id = $2', [
      w.clock.now(),
      w.people.viewer.id,
    ])
    await require()
    expect((await asPerson('viewer', '/teams/acme/members')).status).toBe(200)

    await removeApp(await w.personCtx('viewer'))
    expect((await asPerson('viewer', '/teams/acme/members')).status).toBe(403)
    expect(await asKey('viewer', '/teams/acme/members')).toBe(403)
  })

  it('MF-08: shuts nothing of another team, and is as before to strangers', async () => {
    await require()

    expect((await asPerson('stranger', '/teams/rival/members')).status).toBe(200)
    expect((await asPerson('stranger', '/teams/acme/members')).status).toBe(404)
  })

  it('says beforehand who has none', async () => {
    await withApp(w, 'owner')

    expect((await teamRules(await w.ctx('owner'))).without).toEqual([
      'Admin',
      'Billing',
      'Client',
      'Developer',
      'Viewer',
    ])
  })

  it('MF-08: is every team, and the pages of operators, when the panel requires it', async () => {
    await changePanelRules(await w.personCtx('operator'), { ...none, requiresFactor: true })

    expect((await asPerson('owner', '/teams/acme/members')).status).toBe(403)
    expect((await asPerson('stranger', '/teams/rival/members')).status).toBe(403)
    expect(await asKey('stranger', '/teams/rival/members')).toBe(403)
    expect((await asPerson('operator', '/operator/sign-in-rules')).status).toBe(403)
    await withApp(w, 'operator')
    expect((await asPerson('operator', '/operator/sign-in-rules')).status).toBe(200)
  })
})

describe('limits of sessions', () => {
  const limit = async (rules: { idleMinutes?: number; longestHours?: number }, name: 'owner' | 'stranger' = 'owner') =>
    changeTeamRules(await w.ctx(name), { ...none, ...rules })
  const isIn = async (name: Name) => (await asPerson(name, '/profile')).status === 200

  it('SE-04: ends a session that was not used for so long', async () => {
    await limit({ idleMinutes: 30 })
    w.clock.advance(minutes(29))
    expect(await isIn('viewer')).toBe(true)
    w.clock.advance(minutes(29))
    expect(await isIn('viewer')).toBe(true)
    w.clock.advance(minutes(30))

    expect(await isIn('viewer')).toBe(false)
    expect(await isIn('stranger')).toBe(true)
  })

  it('SE-04: ends a session after so long in any case', async () => {
    await limit({ longestHours: 8 })
    for (let hour = 0; hour < 7; hour++) {
      w.clock.advance(minutes(60))
      expect(await isIn('viewer')).toBe(true)
    }
    w.clock.advance(minutes(60))

    expect(await isIn('viewer')).toBe(false)
  })

  it('SE-04: is the strictest of all that somebody is under', async () => {
    await w.test.query(
      `insert into memberships (team_id, user_id, role, created_at) values ($1, $2, 'viewer', now())`,
      [w.rival.id, w.people.viewer.id],
    )
    await limit({ idleMinutes: 600 })
    await limit({ idleMinutes: 20 }, 'stranger')
    await changePanelRules(await w.personCtx('operator'), { ...none, idleMinutes: 60 })
    w.clock.advance(minutes(21))

    expect([await isIn('viewer'), await isIn('developer')]).toEqual([false, true])
    w.clock.advance(minutes(61))
    expect([await isIn('developer'), await isIn('operator')]).toEqual([false, false])
  })

  it('SE-04: counts nothing that a tab asks by itself as use', async () => {
    await limit({ idleMinutes: 30 })
    w.clock.advance(minutes(20))
    for (const headers of [{ 'x-unasked': 'true' }, { accept: 'text/event-stream' }])
      expect((await panel.browser(w.people.viewer.cookie).get('/profile', headers)).status).toBe(200)
    w.clock.advance(minutes(11))

    expect(await isIn('viewer')).toBe(false)
  })

  it('SE-04: ends the streams of a session that is over, however long they were open', async () => {
    await limit({ idleMinutes: 30 })
    const [ended] = await openStream('viewer')
    w.clock.advance(minutes(31))

    expect(await ended).toContain('retry')
  })

  it('SE-04: ends a session for good, also for when the rule goes', async () => {
    await limit({ idleMinutes: 30, longestHours: 2 })
    w.clock.advance(minutes(30))
    expect(await isIn('viewer')).toBe(false)
    expect(await isIn('stranger')).toBe(true)
    w.clock.advance(minutes(1))
    await forgetOldSessions(w.services)
    await w.test.query('delete from sign_in_rules')

    expect([await isIn('viewer'), await isIn('developer'), await isIn('stranger')]).toEqual([false, false, true])
  })

  it('cannot be wider than the panel’s own', async () => {
    await limit({ idleMinutes: 10_080, longestHours: 720 })
    w.clock.advance(days(7))

    expect(await isIn('viewer')).toBe(false)
  })
})

describe('the rules', () => {
  it('are changed by a form, by who may, and in the order of their bounds', async () => {
    const browser = panel.browser(w.people.owner.cookie)
    await browser.get('/teams/acme/sign-in-rules')
    const put = (fields: Record<string, string>) =>
      browser.post('/teams/acme/sign-in-rules', { _method: 'put', idleMinutes: '', longestHours: '', ...fields })

    for (const fields of [{ idleMinutes: '4' }, { idleMinutes: '10081' }, { longestHours: '0' }, { idleMinutes: 'x' }])
      expect((await put(fields)).status).toBe(422)
    expect((await put({ idleMinutes: '15', longestHours: '' })).status).toBe(303)
    expect((await browser.get('/teams/acme/sign-in-rules')).text).toContain('value="15"')
    const viewer = panel.browser(w.people.viewer.cookie)
    expect((await viewer.get('/teams/acme/sign-in-rules')).text).toContain('15 minutes')
    expect((await viewer.post('/teams/acme/sign-in-rules', { _method: 'put' })).status).toBe(403)
  })

  it('name who would be shut out to who may change them alone, and not everybody of many', async () => {
    const path = '/teams/acme/sign-in-rules'
    expect((await asPerson('viewer', path)).text).not.toContain('no second factor yet')
    expect((await asPerson('owner', path)).text).toContain(`${w.people.viewer.name}: shut out`)

    for (let n = 0; n < 20; n++) {
      const id = newId()
      await w.test.query(
        `insert into users (id, email, name, password_hash, created_at) values ($1, $2, $3, 'x', now())`,
        [id, `many${n}@example.com`, `AAA ${n}`],
      )
      await w.test.query(
        `insert into memberships (user_id, team_id, role, created_at) values ($1, $2, 'viewer', now())`,
        [id, w.acme.id],
      )
    }
    const text = (await asPerson('owner', path)).text
    expect(text).toContain('and 6 more: shut out')
    expect(text).not.toContain(`${w.people.viewer.name}: shut out`)
  })

  it('tell the log what they were and are, of the team and of the panel, once for a change', async () => {
    const rules = { ...none, idleMinutes: 15 }
    const told = { requiresFactor: false, before: none, after: rules }
    for (const _ of [1, 2]) {
      await changeTeamRules(await w.ctx('owner'), rules)
      await changePanelRules(await w.personCtx('operator'), rules)
    }
    await changeTeamRules(await w.ctx('owner'), none)

    const events = await w.test.query<{ data: object }>(
      `select type, data from events where type like '%sign-in-rules-changed' order by type, sequence`,
    )
    expect(events).toEqual([
      { type: 'panel.sign-in-rules-changed', data: told },
      { type: 'team.sign-in-rules-changed', data: told },
      { type: 'team.sign-in-rules-changed', data: { ...told, before: rules, after: none } },
    ])
  })

  it('of the panel tell the log from where they were changed', async () => {
    const browser = panel.browser(w.people.operator.cookie)
    await browser.get('/operator/sign-in-rules')
    await browser.post('/operator/sign-in-rules', { _method: 'put', idleMinutes: '15', longestHours: '' })

    const events = await w.test.query(`select address from events where type = 'panel.sign-in-rules-changed'`)
    expect(events).toEqual([{ address: expect.stringContaining('127.0.0.1') }])
  })

  it('are told as they followed each other when they are changed for the first time twice at once', async () => {
    const asked = [10, 20, 30].map((idleMinutes) => ({ ...none, idleMinutes }))
    const operator = await w.personCtx('operator')
    await Promise.all(asked.map((rules) => changePanelRules(operator, rules)))

    const events = await w.test.query<{ data: { before: object; after: object } }>(
      `select data from events where type = 'panel.sign-in-rules-changed' order by sequence`,
    )
    expect(events.map(({ data }) => data.before)).toEqual([none, ...events.slice(0, -1).map(({ data }) => data.after)])
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { suspendPerson } from '../../server/operator/operator.js'
import { permissionsOf } from '../../server/platform/access/roles.js'
import { supportMay } from '../../server/platform/access/support.js'
import { verifyChain } from '../../server/platform/events/verify.js'
import { newId } from '../../server/platform/ids.js'
import { dropSession, endAllSessions, forgetOldSessions, signOut } from '../../server/sessions/ending.js'
import {
  allowSupport,
  askForSupport,
  chooseSupport,
  endSupport,
  enterTeam,
  leaveSupport,
} from '../../server/support/support.js'
import { actorOf, maybeUser } from '../../server/users/users.js'
import { minutes } from '../support/clock.js'
import { insert, makeServer, makeSite } from '../support/make.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { type World, world } from '../support/people.js'

describe('AZ-18: an operator who helps a team', () => {
  let w: World
  let panel: TestPanel
  const ask = async (hours = 2) => {
    await askForSupport(await w.personCtx('operator'), w.acme.id, { reason: 'The site is down', hours })
    const [row] = await w.test.query<{ id: string }>('select id from support_grants order by requested_at desc limit 1')
    return row?.id ?? ''
  }
  const enter = async (id: string) => enterTeam(await w.personCtx('operator'), id)
  const inside = async (hours = 2) => {
    const id = await ask(hours)
    await allowSupport(await w.ctx('owner'), id)
    await enter(id)
    return id
  }
  const status = async (path = '') => (await panel.browser(w.people.operator.cookie).get(`/teams/acme${path}`)).status
  const events = () =>
    w.test.query<{ type: string; actor_name: string; data: Record<string, unknown> }>(
      'select type, actor_name, data from events where team_id = $1 order by sequence',
      [w.acme.id],
    )

  beforeAll(async () => {
    w = await world()
    panel = await startTestPanel(w)
  })
  beforeEach(async () => {
    await w.test.query('truncate teams cascade')
    await w.test.query("update panel_settings set support = 'consent'")
    await w.reset()
  })
  afterAll(async () => {
    await panel.close()
    await w.close()
  })

  it('LG-06: is told of to the team where they are refused, marked as all that they do', async () => {
    const id = await inside()
    expect([await status('/api-keys'), await status('/audit')]).toEqual([403, 403])

    const denied = (await events()).filter(({ type }) => type === 'access.denied')
    expect(denied.map(({ actor_name: name }) => name)).toEqual(['Operator (support)', 'Operator (support)'])
    expect(denied[0]?.data).toMatchObject({ page: '/teams/:team/api-keys', support: id })
  })

  it('is a stranger until an owner has agreed, and then for the hours that were asked for', async () => {
    const id = await ask(2)
    expect(await status()).toBe(404)
    await expect(enter(id)).rejects.toMatchObject({ status: 409 })
    await allowSupport(await w.ctx('owner'), id)
    expect(await status()).toBe(404)
    await enter(id)

    expect(await status('/sites')).toBe(200)
    w.clock.advance(minutes(120) - 1)
    expect(await status('/sites')).toBe(200)
    w.clock.advance(1)
    expect(await status('/sites')).toBe(404)
    expect((await events()).map(({ type }) => type)).toEqual([
      ...['support.requested', 'support.allowed', 'support.entered'],
    ])
  })

  it('MF-08: sees nothing of a team that requires a second factor before they have set one up', async () => {
    await inside()
    await insert(w.test, 'sign_in_rules', { team_id: w.acme.id, requires_factor: true })
    const browser = panel.browser(w.people.operator.cookie)

    const page = await browser.get('/teams/acme/sites')
    expect([page.status, page.text]).toEqual([403, expect.stringContaining('Acme requires a second factor')])
    await w.test.query('delete from sign_in_rules')
    expect((await browser.get('/teams/acme/sites')).status).toBe(200)
  })

  it('gives a reason, and asks for eight hours at most', async () => {
    const browser = panel.browser(w.people.operator.cookie)
    await browser.get('/operator/teams')
    const url = `/operator/teams/${w.acme.id}/support-grants`
    for (const fields of [
      { reason: '', hours: '1' },
      { reason: 'Help', hours: '9' },
      { reason: 'Help', hours: 'x' },
    ])
      expect((await browser.post(url, fields)).status).toBe(422)
    expect((await browser.post(url, { reason: 'Help', hours: '8' })).status).toBe(303)
    expect((await panel.browser(w.people.admin.cookie).post(url, { reason: 'Help', hours: '8' })).status).not.toBe(303)
  })

  it('is let in by an owner alone, and never by themselves', async () => {
    const id = await ask()
    const post = async (name: 'admin' | 'viewer' | 'stranger') => {
      const browser = panel.browser(w.people[name].cookie)
      await browser.get('/teams')
      return (await browser.post(`/teams/acme/support-grants/${id}/approval`, {})).status
    }
    expect([await post('admin'), await post('viewer'), await post('stranger')]).toEqual([403, 403, 404])
    await w.test.query(`insert into memberships (team_id, user_id, role, created_at) values ($1, $2, 'owner', now())`, [
      w.acme.id,
      w.people.operator.id,
    ])
    await expect(allowSupport(await w.ctx('operator', 'acme'), id)).rejects.toThrow('You cannot let yourself in')
    await expect(allowSupport(await w.ctx('stranger'), id)).rejects.toMatchObject({ status: 404 })
  })

  it('comes in at once under the policy of the panel, which the team reads', async () => {
    await chooseSupport(await w.personCtx('operator'), 'policy')
    await enter(await ask())

    expect(await status('/sites')).toBe(200)
    const page = await panel.browser(w.people.owner.cookie).get('/teams/acme/support')
    expect(page.text).toContain('By the policy of this panel an operator may enter')
    expect(page.text).toContain('The site is down')
  })

  it('reaches no passwords, factors, keys or money, nor anything that lets somebody in', async () => {
    await inside()
    for (const path of ['/api-keys', '/settings', '/deletion', '/invitations', '/support', '/sign-in-connections'])
      expect([path, await status(path)]).toEqual([path, 403])
    const never = [...permissionsOf.owner].filter((permission) =>
      /key|invite|remove|transfer|team:(update|delete)|role:|sign-in|access:manage|hook|connection:manage|github|certificate|trust|create|delete|support|bill/.test(
        permission,
      ),
    )
    expect(never.filter((permission) => supportMay.has(permission))).toEqual(['deploy:create'])
  })

  it('has every event marked with the grant and their name, in a log that verifies', async () => {
    const id = await inside()
    const server = await makeServer(w.test, w.acme)
    const site = await makeSite(w.test, server, w.acme, { slug: 'shop', name: 'Shop' })
    const browser = panel.browser(w.people.operator.cookie)
    await browser.get('/teams/acme/sites/shop')
    expect((await browser.post(`/teams/acme/sites/${site.slug}/deploys`, {})).status).toBe(303)

    const deploy = (await events()).find(({ type }) => type === 'deploy.requested')
    expect(deploy).toMatchObject({ actor_name: 'Operator (support)', data: { support: id } })
    expect(await w.services.db.asOperator((db) => verifyChain(db, w.acme.id))).toMatchObject({ ok: true })
  })

  it('sees a banner on each page, and so does the team', async () => {
    await inside()
    const own = await panel.browser(w.people.operator.cookie).get('/teams/acme/sites')
    expect(own.text).toContain('You are in Acme for support')
    expect(own.text).toContain('Leave the team')
    const members = await panel.browser(w.people.viewer.cookie).get('/teams/acme/sites')
    expect(members.text).toContain('Operator is in Acme for support')
    expect((await panel.browser(w.people.stranger.cookie).get('/teams/rival/sites')).text).not.toContain('for support')
  })

  it.each([
    ['an owner ends it', async (id: string) => endSupport(await w.ctx('owner'), id)],
    ['they leave', async (id: string) => leaveSupport(await w.personCtx('operator'), id)],
    ['they sign out', async () => signOut(await w.personCtx('operator'))],
    ['they are no operator any more', () => w.test.query('update users set is_operator = false')],
  ])('is out at once when %s, also of what is open', async (_, happens) => {
    const id = await inside()
    const operation = newId()
    await insert(w.test, 'operations', {
      ...{ id: operation, team_id: w.acme.id, kind: 'deploy', subject: 'site:x', title: 'Deploy', input: '{}' },
      ...{ status: 'running', requested_by: 'Ada', created_at: new Date(), heartbeat_at: new Date() },
    })
    const path = `/teams/acme/operations/${operation}/log/stream`
    const response = await fetch(panel.url + path, { headers: { cookie: w.people.operator.cookie } })
    expect(response.status).toBe(200)
    const reader = response.body?.getReader()
    await reader?.read()
    const from = performance.now()
    await happens(id)
    while ((await reader?.read())?.done === false);

    expect(performance.now() - from).toBeLessThan(5000)
    expect(await status('/sites')).not.toBe(200)
    await expect(enter(id)).rejects.toBeTruthy()
  })

  const operator = () => w.services.db.asIdentity((db) => maybeUser(db, w.people.operator.id))
  it.each([
    ['sign out', 'Operator', async () => signOut(await w.personCtx('operator'))],
    [
      'sign in anew in that browser',
      'Operator',
      () => {
        const from = { ip: '192.0.2.1', oldCookie: w.people.operator.cookie.split('=')[1] }
        return w.services.db.asIdentity((db) => dropSession(db, from, w.clock.now()))
      },
    ],
    [
      'choose a new password',
      'Operator',
      async () => {
        const user = await operator()
        return (
          user &&
          w.services.db.asIdentity((db) =>
            endAllSessions(db, user, { actor: actorOf(user), address: null }, w.clock.now()),
          )
        )
      },
    ],
    [
      'are gone for long',
      'Hostler',
      async () => {
        await w.test.query(`update sessions set last_seen_at = now() - interval '1 year'`)
        await forgetOldSessions(w.services)
      },
    ],
    ['are suspended', 'Admin', async () => suspendPerson(await w.personCtx('admin'), w.people.operator.id, 'Abuse')],
  ])('has left when they %s, which the log of the team tells once, as done by %s', async (_how, by, happens) => {
    await inside()
    await happens()
    await forgetOldSessions(w.services)

    expect((await events()).slice(3)).toEqual([
      { type: 'support.ended', actor_name: by, data: expect.objectContaining({ name: 'Operator' }) },
    ])
  })

  it('is named in the log of the team alone, whoever signs out next', async () => {
    await inside()
    await w.test.query('delete from sessions where user_id = $1', [w.people.operator.id])
    await signOut(await w.personCtx('stranger'))
    expect((await events()).map(({ type }) => type)).not.toContain('support.ended')

    await forgetOldSessions(w.services)
    expect((await events()).at(-1)).toMatchObject({ type: 'support.ended', actor_name: 'Hostler' })
  })

  it('has not left once more when the hours were over before the session', async () => {
    await inside(1)
    w.clock.advance(minutes(61))
    await signOut(await w.personCtx('operator'))

    expect((await events()).map(({ type }) => type)).not.toContain('support.ended')
  })

  it('cannot use what another operator was given, nor come in twice by one grant from another session', async () => {
    const id = await ask()
    await allowSupport(await w.ctx('owner'), id)
    await expect(enterTeam(await w.personCtx('stranger'), id)).rejects.toMatchObject({ status: 404 })
    await enter(id)
    await expect(enter(id)).rejects.toMatchObject({ status: 409 })
  })

  it('is refused by an owner, which is once however often it is said', async () => {
    const id = await ask()
    await endSupport(await w.ctx('owner'), id)
    await endSupport(await w.ctx('owner'), id)

    await expect(enter(id)).rejects.toMatchObject({ status: 409 })
    await expect(allowSupport(await w.ctx('owner'), id)).rejects.toMatchObject({ status: 409 })
    expect((await events()).map(({ type }) => type)).toEqual(['support.requested', 'support.refused'])
  })
})

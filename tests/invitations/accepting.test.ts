import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { joinInvited, offeredToNewcomer, resendInvitation } from '../../server/invitations/invitations.js'
import { newId } from '../../server/platform/ids.js'
import { removeMember } from '../../server/teams/members.js'
import { newTeam } from '../../server/teams/teams.js'
import { days, minutes } from '../support/clock.js'
import { insert, makeServer, makeSite } from '../support/make.js'
import { type InvitationWorld, invitationWorld } from './world.js'

describe('who is invited', () => {
  let w: InvitationWorld
  const stranger = () => w.panel.browser(w.people.stranger.cookie)
  const make = (name: 'owner' | 'admin', role: string) =>
    w.test.query('update memberships set role = $2 where user_id = $1', [w.people[name].id, role])

  beforeAll(async () => {
    w = await invitationWorld()
  })
  beforeEach(async () => {
    await w.reset()
    await w.test.query("update panel_settings set sign_up = 'invitation'")
  })
  afterAll(() => w.close())

  it('makes an account with the link, and is in the team and signed in', async () => {
    const answer = await w.join(await w.ask('owner', 'new@example.com', 'developer'))

    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/teams/acme'])
    expect(answer.headers.getSetCookie().join()).toContain('session=')
    expect(await w.membersNow()).toMatchObject({ 'new@example.com': 'developer' })
    const [event] = await w.test.query("select actor_name, data from events where type = 'invitation.accepted'")
    expect(event).toMatchObject({ actor_name: 'New', data: { name: 'Acme', role: 'developer', invitedBy: 'Owner' } })
  })

  it('accepts with the account that is there, once signed in', async () => {
    const address = await w.ask('owner', 'stranger@example.com')
    const page = await w.look(w.panel.browser(), address)
    expect(page.text).toContain('Sign in to accept')
    expect(page.text).toContain('/sign-in?next=%2Finvitation"')

    expect((await w.accept(stranger(), address)).headers.get('location')).toBe('/teams/acme')
    expect(await w.membersNow()).toMatchObject({ 'stranger@example.com': 'viewer' })
  })

  it('IV-04: gets no new password and no session for an account that is there', async () => {
    const address = await w.ask('owner', 'stranger@example.com')
    const [before] = await w.test.query('select password_hash from users where email = $1', ['stranger@example.com'])
    const answer = await w.join(address)

    expect(answer.status).toBe(409)
    expect(answer.headers.getSetCookie().join()).not.toContain('session=')
    expect(await w.test.query('select password_hash from users where email = $1', ['stranger@example.com'])).toEqual([
      before,
    ])
    expect((await w.accept(stranger(), address)).status).toBe(303)
  })

  it('IV-02: is told when they are signed in with another address, and cannot accept', async () => {
    const address = await w.ask('owner', 'new@example.com')
    const page = await w.look(stranger(), address)
    expect(page.text).toContain('This invitation is for another address')
    expect(page.text).toContain('stranger@example.com')
    expect((await w.accept(stranger(), address)).status).toBe(403)
    expect(await w.membersNow()).not.toHaveProperty('stranger@example.com')
  })

  it.each(['ｓtranger@example.com', 'STRANGER@EXAMPLE.COM', ' stranger@example.com '])(
    'IV-02: is the same person however the address is typed: %s',
    async (typed) => {
      const { NewInvitation } = await import('../../server/invitations/schema.js')
      const { email } = NewInvitation.parse({ email: typed, role: 'viewer' })
      expect((await w.accept(stranger(), await w.ask('owner', email))).status).toBe(303)
    },
  )

  it.each(['ѕtranger@example.com', 'strangér@example.com', 'ſtranger@examp1e.com'])(
    'IV-02: is nobody else whose address only looks alike: %s',
    async (typed) => {
      const { NewInvitation } = await import('../../server/invitations/schema.js')
      const parsed = NewInvitation.safeParse({ email: typed, role: 'viewer' })
      // Most are no addresses at all.
      if (!parsed.success) return
      expect((await w.accept(stranger(), await w.ask('owner', parsed.data.email))).status).toBe(403)
    },
  )

  it('CS-10: changes nothing by opening the link, whoever does and however often', async () => {
    const address = await w.ask('owner', 'new@example.com')
    const before = await w.membersNow()
    for (const cookie of [undefined, w.people.stranger.cookie])
      for (const method of ['GET', 'HEAD'])
        await fetch(w.panel.url + address, { method, headers: cookie ? { cookie } : {} })

    expect(await w.membersNow()).toEqual(before)
    expect((await w.join(address)).status).toBe(303)
  })

  it('IV-03: gets one membership of twenty attempts at once, and the link never works again', async () => {
    const address = await w.ask('owner', 'stranger@example.com')
    const browsers = Array.from({ length: 20 }, stranger)
    const answers = await Promise.all(browsers.map((browser) => w.accept(browser, address)))

    expect(answers.map(({ status }) => status).sort()).toEqual([303, ...Array(19).fill(404)])
    expect(await w.test.query('select 1 from memberships where user_id = $1', [w.people.stranger.id])).toHaveLength(2)
    expect((await w.look(stranger(), address)).status).toBe(404)
  })

  it('IV-03: makes one account of twenty attempts at once', async () => {
    const address = await w.ask('owner', 'new@example.com')
    const answers = await Promise.all(Array.from({ length: 20 }, () => w.join(address)))

    expect(answers.filter(({ status }) => status === 303)).toHaveLength(1)
    expect(answers.filter(({ status }) => status >= 500)).toEqual([])
    expect(await w.test.query('select 1 from users where email = $1', ['new@example.com'])).toHaveLength(1)
  })

  it('IV-03: has seven days', async () => {
    const address = await w.ask('owner', 'new@example.com')
    w.clock.advance(days(7))
    expect((await w.join(address)).status).toBe(404)
  })

  it('IV-03: gets no more than who invited may give on the day of accepting', async () => {
    const address = await w.ask('admin', 'new@example.com', 'admin')
    await make('admin', 'developer')
    expect((await w.join(address)).status).toBe(303)
    expect(await w.membersNow()).toMatchObject({ 'new@example.com': 'developer' })
  })

  it('IV-03: gets nothing of an offer that shrank while they were let in', async () => {
    const address = await w.ask('admin', 'stranger@example.com', 'admin')
    const token = new URL(address, w.panel.url).searchParams.get('token') ?? ''
    const offered = await offeredToNewcomer(w.services, token)
    const join = async () =>
      offered &&
      w.services.db.asIdentity((db) =>
        joinInvited(db, {
          ...offered,
          user: { ...w.people.stranger, name: 'Stranger' },
          now: w.clock.now(),
          address: null,
        }),
      )
    await make('admin', 'developer')
    await expect(join()).rejects.toMatchObject({ status: 409 })
    await w.test.query(`update teams set suspended_at = now(), suspended_reason = 'Abuse' where id = $1`, [w.acme.id])
    await expect(join()).rejects.toMatchObject({ status: 404 })
    expect(await w.membersNow()).not.toHaveProperty('stranger@example.com')
  })

  it('is accepted or sent again, one after the other, by people who do it in the same moment', async () => {
    for (let round = 0; round < 4; round++) {
      await w.reset()
      const address = await w.ask('owner', 'stranger@example.com')
      w.clock.advance(minutes(2))
      const [open] = await w.test.query<{ id: string }>('select id from invitations where accepted_at is null')
      const owner = await w.ctx('owner')
      const [accepted, sent] = await Promise.all([
        w.accept(stranger(), address),
        resendInvitation(owner, open?.id ?? '').then(
          () => 200,
          (error: { status?: number }) => error.status,
        ),
      ])
      expect([accepted.status, sent].filter((status) => status === undefined || status >= 500)).toEqual([])
    }
  })

  it('SE-01: ends the session of before in that browser, whosever it was', async () => {
    const address = await w.ask('owner', 'new@example.com')
    const browser = w.panel.browser(w.people.viewer.cookie)
    await w.look(browser, address)
    const fields = { name: 'New', password: 'a boat on the lake' }
    const token = new URL(address, w.panel.url).searchParams.get('token') ?? ''
    expect((await browser.post('/invitation/account', { token, ...fields })).status).toBe(303)

    expect((await w.panel.browser(w.people.viewer.cookie).get('/profile')).status).toBe(303)
  })

  it('IV-03: gets nothing from who is no longer in the team, or suspended', async () => {
    const first = await w.ask('admin', 'new@example.com')
    await w.test.query('update users set disabled_at = now() where id = $1', [w.people.admin.id])
    expect((await w.join(first)).status).toBe(404)
    await w.test.query('update users set disabled_at = null')
    await removeMember(await w.ctx('owner'), w.people.admin.id)
    expect((await w.join(first)).status).toBe(404)
  })

  it('gets a role on one site, and sees that site alone', async () => {
    const server = await makeServer(w.test, w.acme)
    const shop = await makeSite(w.test, server, w.acme, { name: 'Shop', slug: 'shop' })
    await makeSite(w.test, server, w.acme, { name: 'Other', slug: 'other' })
    const address = await w.ask('owner', 'stranger@example.com', 'developer', 'site', shop.slug)
    const browser = stranger()
    await w.accept(browser, address)

    expect((await browser.get('/teams/acme/sites/shop')).status).toBe(200)
    expect((await browser.get('/teams/acme/sites/other')).status).toBe(404)
    expect((await browser.get('/teams/acme/settings')).status).not.toBe(200)
  })

  it('gets one of the team’s own roles', async () => {
    const id = newId()
    await insert(w.test, 'roles', {
      ...{ id, team_id: w.acme.id, name: 'Auditor', permissions: ['event:read'], created_at: new Date() },
    })
    await w.accept(stranger(), await w.ask('owner', 'stranger@example.com', id))

    expect((await stranger().get('/teams/acme/activity')).status).toBe(200)
    expect((await stranger().get('/teams/acme/members')).status).toBe(403)
  })

  it('stays out of a team that is being deleted, and of a panel that takes no new people', async () => {
    const address = await w.ask('owner', 'new@example.com')
    await w.test.query("update panel_settings set sign_up = 'closed'")
    expect((await w.look(w.panel.browser(), address)).text).toContain('takes no new people')
    expect((await w.join(address)).status).toBe(403)
    await w.test.query("update panel_settings set sign_up = 'invitation'")
    await w.test.query('update teams set suspended_at = now(), suspended_reason = $1', ['Abuse'])
    expect((await w.join(address)).status).toBe(404)
  })

  it('RL-04: owns twenty teams, and no more by an invitation, which stays good', async () => {
    for (let number = 1; number < 20; number++) await newTeam(await w.personCtx('stranger'), `Team ${number}`)
    const address = await w.ask('owner', 'stranger@example.com', 'owner')

    expect((await w.accept(stranger(), address)).status).toBe(409)
    expect(await w.membersNow()).not.toHaveProperty('stranger@example.com')
    await w.test.query(`delete from memberships where role = 'owner' and user_id = $1`, [w.people.stranger.id])
    expect((await w.accept(stranger(), address)).status).toBe(303)
  })

  it.each([
    ['what they held already', 'admin', 'admin'],
    ['the role, where they held roles on parts of the team alone', null, 'developer'],
  ])('who came in meanwhile by another way has %s, and the log says so', async (_what, before, after) => {
    const address = await w.ask('owner', 'stranger@example.com', 'developer')
    await insert(w.test, 'memberships', {
      ...{ team_id: w.acme.id, user_id: w.people.stranger.id, role: before, created_at: new Date() },
    })

    expect((await w.accept(stranger(), address)).status).toBe(303)

    expect(await w.membersNow()).toMatchObject({ 'stranger@example.com': after })
    const [event] = await w.test.query("select data from events where type = 'invitation.accepted'")
    expect(event).toMatchObject({ data: { role: after } })
  })

  it('keeps the name that was typed when the password is refused', async () => {
    const answer = await w.join(await w.ask('owner', 'new@example.com'), { password: 'short' })
    expect(answer.status).toBe(422)
    expect(answer.text).toContain('value="New"')
  })
})

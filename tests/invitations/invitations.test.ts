import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { invite, listInvitations, resendInvitation, revokeInvitation } from '../../server/invitations/invitations.js'
import { days, minutes } from '../support/clock.js'
import { makeServer, makeSite } from '../support/make.js'
import { type World, world } from '../support/people.js'
import { type InvitationWorld, invitationWorld } from './world.js'

describe('who invites', () => {
  let w: InvitationWorld
  const open = async () => (await listInvitations(await w.ctx('owner'))).invitations
  const one = async () => (await open())[0]?.id ?? ''
  const types = async () =>
    (await w.test.query<{ type: string; data: unknown }>('select type, data from events order by sequence')).filter(
      ({ type }) => type.startsWith('invitation.'),
    )

  beforeAll(async () => {
    w = await invitationWorld()
  })
  beforeEach(async () => {
    await w.reset()
  })
  afterAll(() => w.close())

  it('sends a mail to that address alone, and the page and the log hold no way in', async () => {
    const address = await w.ask('admin', 'new@example.com', 'developer')

    expect(w.sink.mails[0]?.to).toEqual(['new@example.com'])
    expect(w.sink.mails[0]?.email.subject).toBe('Admin invites you to Acme')
    const token = new URL(address, 'http://x').searchParams.get('token') ?? ''
    const page = await w.panel.browser(w.people.admin.cookie).get('/teams/acme/invitations')
    expect(page.text).toContain('new@example.com')
    expect(page.text).not.toContain(token)
    expect(await types()).toEqual([
      { type: 'invitation.sent', data: { name: 'new@example.com', role: 'Developer', on: null } },
    ])
    expect(JSON.stringify(await w.test.query('select * from events'))).not.toContain(token)
    expect(JSON.stringify(await w.test.query('select * from invitations'))).not.toContain(token)
  })

  it('IV-01: gives no role that may do more than their own; owners alone make owners', async () => {
    await expect(w.ask('admin', 'a@example.com', 'owner')).rejects.toMatchObject({ field: 'role' })
    await w.ask('owner', 'a@example.com', 'owner')
    await w.ask('admin', 'b@example.com', 'admin')
    const admin = (await listInvitations(await w.ctx('admin'))).roles.map(({ value }) => value)
    expect(admin).toEqual(['admin', 'developer', 'billing', 'viewer'])
  })

  it('IV-01: is an owner or admin; others neither see, make nor use the list', async () => {
    await w.ask('owner', 'a@example.com')
    for (const name of ['developer', 'billing', 'viewer'] as const) {
      const browser = w.panel.browser(w.people[name].cookie)
      expect((await browser.get('/teams/acme/invitations')).status).toBe(403)
      await browser.get('/teams/acme')
      expect((await browser.post('/teams/acme/invitations', { email: 'b@example.com', role: 'viewer' })).status).toBe(
        403,
      )
      const id = await one()
      expect((await browser.post(`/teams/acme/invitations/${id}`, { _method: 'delete' })).status).toBe(403)
    }
    const headers = { authorization: `Bearer ${w.people.viewer.apiKey}` }
    expect((await fetch(`${w.panel.url}/api/v1/teams/acme/invitations`, { headers })).status).toBe(403)
  })

  it('IV-01: cannot send again or revoke what gives a role above their own', async () => {
    await w.ask('owner', 'a@example.com', 'owner')
    const admin = await w.ctx('admin')
    w.clock.advance(minutes(2))
    await expect(resendInvitation(admin, await one())).rejects.toMatchObject({ status: 403 })
    await expect(revokeInvitation(admin, await one())).rejects.toMatchObject({ status: 403 })
  })

  it('IV-03: sent again by somebody else is theirs from then on, also when whoever invited first has left', async () => {
    await w.ask('admin', 'a@example.com')
    await w.test.query('delete from memberships where user_id = $1', [w.people.admin.id])
    w.clock.advance(minutes(2))
    await resendInvitation(await w.ctx('owner'), await one())

    expect((await w.look(w.panel.browser(), await w.open())).status).toBe(200)
    expect((await listInvitations(await w.ctx('owner'))).invitations).toMatchObject([{ inviter: 'Owner' }])
  })

  it('IV-05: of another team is not found to revoke or send again', async () => {
    await w.ask('owner', 'a@example.com')
    const stranger = await w.ctx('stranger')
    const notThere = { status: 404, message: 'There is no such invitation' }
    await expect(revokeInvitation(stranger, await one())).rejects.toMatchObject(notThere)
    await expect(resendInvitation(stranger, await one())).rejects.toMatchObject(notThere)
    await expect(revokeInvitation(stranger, 'none')).rejects.toMatchObject(notThere)
    expect(await open()).toHaveLength(1)
  })

  it('names the thing that the role is held on, among more than the form can list', async () => {
    const server = await makeServer(w.test, w.acme)
    for (let one = 0; one < 101; one++)
      await makeSite(w.test, server, w.acme, { slug: `site-${one}`, name: `Site ${String(one).padStart(3, '0')}` })
    const owner = w.panel.browser(w.people.owner.cookie)
    const form = await owner.get('/teams/acme/invitations')
    expect(form.text).not.toContain('site-100"')
    const wish = { email: 'a@example.com', role: 'developer', on: 'site' }

    const wrong = await owner.post('/teams/acme/invitations', { ...wish, thing: 'nope' })
    expect([wrong.status, wrong.text.includes('The team has no site of this name')]).toEqual([422, true])
    expect((await owner.post('/teams/acme/invitations', { ...wish, thing: 'site-100' })).status).toBe(303)
    expect(await open()).toMatchObject([{ roleName: 'Developer', onName: 'Site 100' }])
  })

  it('RL-04: asks each address once at a time, also when two do so at once', async () => {
    const both = await Promise.allSettled(
      (['owner', 'admin'] as const).map(async (name) =>
        invite(await w.ctx(name), { email: 'a@example.com', role: 'viewer', on: 'team', thing: '' }),
      ),
    )
    expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected'])
    await expect(w.ask('owner', 'viewer@example.com')).rejects.toThrow('is in the team already')
    w.clock.advance(days(6))
  })

  it('invites again once an invitation is over', async () => {
    await w.ask('owner', 'a@example.com')
    await w.test.query('update invitations set expires_at = $1', [w.clock.now()])
    expect(await open()).toMatchObject([{ isExpired: true }])
    await w.ask('owner', 'a@example.com', 'developer')
    expect(await open()).toMatchObject([{ isExpired: false, roleName: 'Developer' }])
    expect((await types()).map(({ type }) => type)).toEqual([
      ...['invitation.sent', 'invitation.cleared', 'invitation.sent'],
    ])
  })

  it('RL-07: sends no more than fifty a day, those included that are sent again', async () => {
    const admin = w.panel.browser(w.people.admin.cookie)
    await admin.get('/teams/acme/invitations')
    const invite = (name: string) =>
      admin.post('/teams/acme/invitations', { email: `${name}@example.com`, role: 'viewer', on: 'team', thing: '' })
    await w.test.query(
      `insert into quota_counts (team_id, name, count, window_ends_at) values ($1, 'invitations', 48, $2)`,
      [w.acme.id, new Date(w.clock.now().getTime() + days(1))],
    )
    expect((await invite('a')).status).toBeLessThan(400)
    w.clock.advance(minutes(2))
    expect((await admin.post(`/teams/acme/invitations/${await one()}/deliveries`, {})).status).toBeLessThan(400)

    const refused = await invite('b')
    expect(refused.status).toBe(429)
    expect(refused.text).toContain('The team has had its 50 invitations in a day')
    expect(refused.headers.get('retry-after')).toBe(String(24 * 3600 - 120))
    expect(await open()).toHaveLength(1)
    w.clock.advance(days(1))
    expect((await invite('b')).status).toBeLessThan(400)
  })

  it('sends again with another link, and the one before it ends', async () => {
    const first = await w.ask('owner', 'new@example.com')
    await expect(resendInvitation(await w.ctx('owner'), await one())).rejects.toMatchObject({ status: 429 })
    w.clock.advance(minutes(2))
    await resendInvitation(await w.ctx('owner'), await one())
    const second = await w.open()

    expect(second).not.toBe(first)
    expect((await w.panel.browser().get(first)).status).toBe(404)
    expect((await w.join(second)).status).toBe(303)
  })

  it('IV-03: revokes: the link ends at once; twice is once', async () => {
    const address = await w.ask('owner', 'new@example.com')
    const id = await one()
    await revokeInvitation(await w.ctx('admin'), id)
    await revokeInvitation(await w.ctx('admin'), id)

    expect((await w.join(address)).status).toBe(404)
    expect((await types()).map(({ type }) => type)).toEqual(['invitation.sent', 'invitation.revoked'])
  })

  it('says beside the field what is wrong, and keeps what was typed', async () => {
    const browser = w.panel.browser(w.people.owner.cookie)
    await browser.get('/teams/acme/invitations')
    const answer = await browser.post('/teams/acme/invitations', { email: 'nobody', role: 'king', on: 'moon' })

    expect(answer.status).toBe(422)
    expect(answer.text).toContain('This is not an email address')
    expect(answer.text).toContain('value="nobody"')
  })
})

describe('who invites where no mail is sent', () => {
  let w: World
  beforeAll(async () => {
    w = await world()
  })
  afterAll(() => w.close())

  it('is given the link once, to pass on, and nothing waits to be mailed', async () => {
    const { link } = await invite(await w.ctx('owner'), {
      email: 'new@example.com',
      role: 'viewer',
      on: 'team',
      thing: '',
    })

    expect(link?.reveal()).toMatch(/^http:\/\/localhost:3000\/invitation\?token=[\w-]{43}$/)
    expect(await w.test.query('select 1 from mails')).toEqual([])
    expect(await w.test.query('select is_mailed from invitations')).toEqual([{ is_mailed: false }])
  })
})

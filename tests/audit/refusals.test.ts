import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { noteRefusal, tellRepeatedRefusals, visitor } from '../../server/platform/events/refusals.js'
import { verifyChain } from '../../server/platform/events/verify.js'
import { minutes } from '../support/clock.js'
import { startTestPanel } from '../support/panel.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'

let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
afterAll(() => w.close())
beforeEach(() => w.reset())

const outside = '00000000-0000-0000-0000-000000000000'
const told = (type: string) =>
  w.test.query(
    `select team_id, subject_kind, subject_id, subject_name, actor_name, address, data from events where type = $1 order by team_id, sequence`,
    [type],
  )
const counted = () => w.test.query('select type, times from refusals order by type, times')
const tellRepeated = () => tellRepeatedRefusals(w.services, new AbortController().signal)

const ask = async (key: string) =>
  (await fetch(`${w.panel.url}/api/v1/teams/acme/sites`, { headers: { authorization: `Bearer ${key}` } })).status
const keyOf = async () =>
  (
    await w.test.query<{ id: string }>('select id from api_keys where team_id = $1 and created_by = $2', [
      w.acme.id,
      w.people.developer.id,
    ])
  )[0]?.id

describe('a key that opens nothing', () => {
  it('LG-06: is one event of its team, with the reason, however often it is shown', async () => {
    const key = w.people.developer.apiKey ?? ''
    const id = await keyOf()
    await w.test.query('update api_keys set expires_at = $2 where id = $1', [id, w.clock.now()])
    for (let time = 0; time < 3; time++) expect(await ask(key)).toBe(401)
    await w.test.query('update api_keys set revoked_at = $2 where id = $1', [id, w.clock.now()])
    expect(await ask(key)).toBe(401)

    const facts = {
      team_id: w.acme.id,
      subject_kind: 'api-key',
      subject_id: id,
      subject_name: 'seeded',
      actor_name: 'Hostler',
    }
    expect(await told('api-key.refused')).toEqual([
      { ...facts, address: expect.stringContaining('127.0.0.1'), data: { why: 'expired' } },
      { ...facts, address: expect.stringContaining('127.0.0.1'), data: { why: 'revoked' } },
    ])
    expect(await counted()).toEqual([
      { type: 'api-key.refused', times: 1 },
      { type: 'api-key.refused', times: 3 },
    ])
  })

  it('LG-06: is told of when it comes from a wrong address, and when its maker has left', async () => {
    const key = w.people.developer.apiKey ?? ''
    await w.test.query(`update api_keys set networks = '{10.0.0.0/8}' where id = $1`, [await keyOf()])
    expect(await ask(key)).toBe(403)
    await w.test.query('delete from memberships where user_id = $1', [w.people.developer.id])
    expect(await ask(key)).toBe(401)

    expect((await told('api-key.refused')).map(({ data }) => data)).toEqual([{ why: 'network' }, { why: 'owner-gone' }])
  })

  it('LG-06: is told to the operator alone where no team has it, and what was shown is kept nowhere', async () => {
    expect(await ask('hst_sk_canary_that_nobody_made')).toBe(401)

    expect(await told('api-key.refused')).toEqual([
      {
        ...{
          team_id: outside,
          subject_kind: 'api-key',
          subject_id: null,
          subject_name: 'unknown',
          actor_name: 'Hostler',
        },
        ...{ address: expect.stringContaining('127.0.0.1'), data: { why: 'unknown' } },
      },
    ])
    const page = await w.visit('operator', '/operator/audit')
    expect(page.text).toContain('there is none such')
    expect(JSON.stringify(await w.test.query('select * from refusals'))).not.toContain('canary')
  })
})

describe('what a page elsewhere asks in somebody’s name', () => {
  const post = (headers: Record<string, string>, path = '/teams/acme/sites') =>
    fetch(w.panel.url + path, {
      method: 'POST',
      headers: { cookie: w.people.owner.cookie, 'content-type': 'application/x-www-form-urlencoded', ...headers },
    })

  it('LG-06: is an event of the team it was to be done in, and of the operator’s log outside of teams', async () => {
    expect((await post({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await post({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
    expect((await post({ 'sec-fetch-site': 'same-origin' })).status).toBe(403)
    expect((await post({ origin: 'https://evil.example' }, '/profile/proof')).status).toBe(403)
    expect((await post({ cookie: '' }, '/sign-in')).status).toBe(403)

    const events = await told('request.forged')
    expect(events.map(({ team_id, actor_name, data }) => [team_id, actor_name, data.why])).toEqual([
      [outside, 'Owner', 'other-origin'],
      [outside, 'Visitor', 'no-token'],
      [w.acme.id, 'Owner', 'other-site'],
      [w.acme.id, 'Owner', 'no-token'],
    ])
    expect(events[2]).toMatchObject({ data: { method: 'POST', page: '/teams/:team/sites' } })
  })
})

describe('a wrong password of who is signed in', () => {
  it('LG-06: is an event, and so is the limit that it comes to', async () => {
    const browser = w.panel.browser(w.people.owner.cookie)
    await browser.get('/profile/proof')
    for (let time = 0; time < 11; time++)
      await browser.post('/profile/proof', { password: 'canary not mine', next: '/' })

    expect((await told('session.refused')).map(({ data }) => data)).toEqual([{ by: 'password', again: true }])
    expect((await told('session.limited')).map(({ data }) => data)).toEqual([{ by: 'password' }])
    expect(await counted()).toEqual([
      { type: 'session.limited', times: 1 },
      { type: 'session.refused', times: 10 },
    ])
  })
})

describe('what is refused again and again', () => {
  const refuse = (address: string, about = 'x', services = w.services) =>
    noteRefusal(services, {
      ...{ teamId: null, actor: visitor, about },
      event: {
        type: 'api-key.refused',
        subject: { kind: 'api-key', id: null, name: 'unknown' },
        data: { why: 'unknown' },
        address,
      },
    })

  it('LG-06: is counted by all processes together, and told with its count when the hour is over', async () => {
    const other = { ...w.services }
    const second = await startTestPanel({ services: other, authorizer: w.authorizer })
    try {
      await Promise.all(
        Array.from({ length: 40 }, (_, time) =>
          fetch(`${time % 2 ? second.url : w.panel.url}/teams/acme/audit`, {
            headers: { cookie: w.people.viewer.cookie },
          }),
        ),
      )
    } finally {
      await second.close()
    }
    expect(await told('access.denied')).toHaveLength(1)
    expect(await counted()).toEqual([{ type: 'access.denied', times: 40 }])

    await tellRepeated()
    expect(await told('access.denied')).toHaveLength(1)
    w.clock.advance(minutes(60))
    await tellRepeated()
    await tellRepeated()

    const events = await told('access.denied')
    expect(events).toHaveLength(2)
    expect(events[1]).toMatchObject({ actor_name: 'Viewer', data: { page: '/teams/:team/audit', repeated: 39 } })
    expect(await counted()).toEqual([])
    expect((await w.visit('owner', '/teams/acme/activity')).text).toContain('39 more times within the hour')
    expect(await w.services.db.asSystem((db) => verifyChain(db, w.acme.id))).toMatchObject({ ok: true })
  })

  it('LG-06: is one in a whole /64 of IPv6, and what was refused once is told once', async () => {
    await Promise.all(Array.from({ length: 300 }, (_, one) => refuse(`2001:db8:1:2::${one.toString(16)}`)))
    await refuse('203.0.113.9')
    w.clock.advance(minutes(60))
    await tellRepeated()

    expect((await told('api-key.refused')).map(({ data }) => data.repeated)).toEqual([undefined, undefined, 299])
  })

  it('LG-06: fills no disk from a thousand addresses: after a hundred the others are one', async () => {
    await Promise.all(Array.from({ length: 1000 }, (_, one) => refuse(`10.0.${one >> 8}.${one & 255}`)))
    w.clock.advance(minutes(60))
    await tellRepeated()

    const events = await told('api-key.refused')
    expect(events).toHaveLength(102)
    expect(events.at(-1)).toMatchObject({
      subject_name: 'various',
      address: null,
      data: { crowd: true, repeated: 899 },
    })
  })

  it('is refused all the same where it cannot be written down', async () => {
    await w.test.query('alter table refusals rename to away')
    try {
      expect((await w.visit('viewer', '/teams/acme/audit')).status).toBe(403)
      expect(await ask('hst_sk_nobody_made_this_one')).toBe(401)
    } finally {
      await w.test.query('alter table away rename to refusals')
    }
  })
})

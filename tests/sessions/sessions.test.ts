import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { PersonCtx } from '../../server/platform/access/ctx.js'
import { addressBucket } from '../../server/platform/address-bucket.js'
import { endSession, forgetOldSessions, signOut, signOutElsewhere } from '../../server/sessions/ending.js'
import { createSession, listSessions } from '../../server/sessions/sessions.js'
import { maybeUser } from '../../server/users/users.js'
import { days, minutes } from '../support/clock.js'
import { type World, world } from '../support/people.js'

describe('a session', () => {
  let w: World
  const identify = (cookie: string) => w.authorizer.identify({ url: '/', headers: { cookie } } as never)

  beforeAll(async () => {
    w = await world()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  it('says who sent a request', async () => {
    expect(await identify(w.people.developer.cookie)).toMatchObject({
      kind: 'person',
      actor: { kind: 'user', id: w.people.developer.id, name: 'Developer' },
      isOperator: false,
      csrfToken: w.people.developer.csrfToken,
    })
    expect(await identify(w.people.operator.cookie)).toMatchObject({ isOperator: true })
  })

  it('SE-04: ends after a week without use', async () => {
    w.clock.advance(days(6))
    expect(await identify(w.people.owner.cookie)).toMatchObject({ kind: 'person' })
    w.clock.advance(days(6))
    expect(await identify(w.people.owner.cookie)).toMatchObject({ kind: 'person' })
    w.clock.advance(days(7))
    expect(await identify(w.people.owner.cookie)).toEqual({ kind: 'visitor' })
  })

  it('SE-04: ends after a month, however much it is used', async () => {
    for (let day = 0; day < 29; day++) {
      w.clock.advance(days(1))
      expect(await identify(w.people.owner.cookie)).toMatchObject({ kind: 'person' })
    }
    w.clock.advance(days(1))

    expect(await identify(w.people.owner.cookie)).toEqual({ kind: 'visitor' })
  })

  it('ends everywhere else, which the log tells with the address that it came from', async () => {
    await signOutElsewhere(await w.personCtx('owner'))
    expect(await w.test.query(`select 1 from events where type = 'session.others-ended'`)).toEqual([])

    const user = await w.services.db.asIdentity((db) => maybeUser(db, w.people.owner.id))
    const from = { ip: '192.0.2.1', userAgent: 'Test' }
    const how = { by: 'password', factor: false } as const
    if (user) await w.services.db.asIdentity((db) => createSession(db, user, from, w.clock.now(), how))
    const known = await w.identity('owner')
    if (known.kind !== 'person') throw new Error('nobody')

    expect(await signOutElsewhere(PersonCtx.of(w.services, known, '192.0.2.7'))).toBe(1)
    const told = await w.test.query(`select data, address from events where type = 'session.others-ended'`)
    expect(told).toMatchObject([{ data: { ended: 1 }, address: '192.0.2.7' }])
  })

  it('writes down when it was last used, at most once a minute', async () => {
    const seen = async () => {
      await identify(w.people.owner.cookie)
      const [row] = await w.test.query<{ at: Date }>('select last_seen_at as at from sessions where user_id = $1', [
        w.people.owner.id,
      ])
      return row?.at
    }
    const start = w.clock.now()

    w.clock.advance(minutes(0.9))
    expect(await seen()).toEqual(start)
    w.clock.advance(minutes(0.2))
    expect(await seen()).toEqual(w.clock.now())
  })

  it('SE-03: is over on the server when its owner signs out', async () => {
    await signOut(await w.personCtx('owner'))

    expect(await identify(w.people.owner.cookie)).toEqual({ kind: 'visitor' })
    expect(await identify(w.people.admin.cookie)).toMatchObject({ kind: 'person' })
    expect(await w.test.query(`select type from events`)).toEqual([{ type: 'session.ended' }])
  })

  it('SE-03: is over when its person is disabled or removed', async () => {
    await w.test.query('update users set disabled_at = now() where id = $1', [w.people.owner.id])
    await w.test.query('delete from users where id = $1', [w.people.admin.id])

    expect(await identify(w.people.owner.cookie)).toEqual({ kind: 'visitor' })
    expect(await identify(w.people.admin.cookie)).toEqual({ kind: 'visitor' })
  })

  it('is listed to its owner, who can end it from elsewhere; nobody else can', async () => {
    const [mine] = await listSessions(await w.personCtx('owner'))
    expect(mine).toMatchObject({ isCurrent: true })

    await expect(endSession(await w.personCtx('stranger'), mine?.id ?? '')).rejects.toMatchObject({ status: 404 })
    await endSession(await w.personCtx('owner'), mine?.id ?? '')
    expect(await identify(w.people.owner.cookie)).toEqual({ kind: 'visitor' })
  })

  it('is not opened by the name it has in lists', async () => {
    const [mine] = await listSessions(await w.personCtx('owner'))

    expect(await identify(`hostler-session=${mine?.id}`)).toEqual({ kind: 'visitor' })
  })

  it.each([
    ['nothing', ''],
    ['another spelling', `${'A'.repeat(42)}B`],
    ['line breaks', 'x%0d%0aSet-Cookie: a=b'],
    ['an operator’s claim', 'is_operator=1; __proto__=1; tfa_verified=1'],
    ['NUL', '\0'.repeat(43)],
  ])('SE-05: is not made by a cookie with %s', async (_, value) => {
    expect(await identify(`hostler-session=${value}`)).toEqual({ kind: 'visitor' })
  })

  it('SE-05: counts for nothing when the cookie comes twice', async () => {
    expect(await identify(`${w.people.owner.cookie}; ${w.people.operator.cookie}`)).toEqual({ kind: 'visitor' })
  })

  it('is forgotten by the database once it is over', async () => {
    w.clock.advance(days(8))
    await forgetOldSessions(w.services)

    expect(await w.test.query('select 1 from sessions')).toEqual([])
  })
})

describe('the address that guesses are counted by', () => {
  it.each([
    ['192.0.2.7', '192.0.2.7'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:0DB8:1:2::9', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['', ''],
  ])('RL-03: of %s is %s', (ip, bucket) => {
    expect(addressBucket(ip)).toBe(bucket)
  })
})

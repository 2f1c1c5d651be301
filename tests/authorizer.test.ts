import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { SignedIn } from '../server/platform/access/authorizer.js'
import { days, minutes } from './support/clock.js'
import { type Name, type World, world } from './support/people.js'

describe('the authorizer', () => {
  let w: World
  const ask = (headers: Record<string, string>, url = '/') => w.authorizer.identify({ url, headers } as never)
  const byKey = async (name: Name) =>
    (await ask({ authorization: `Bearer ${w.people[name].apiKey}` })) as Exclude<SignedIn, { kind: 'person' }>

  beforeAll(async () => {
    w = await world()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  it('AZ-02: lets a member in by role', async () => {
    const may = async (name: Name) => w.authorizer.teamCtx(await w.identity(name), 'acme', 'site:create')

    await expect(may('owner')).resolves.toMatchObject({ team: w.acme })
    await expect(may('admin')).resolves.toBeTruthy()
    await expect(may('developer')).resolves.toBeTruthy()
    await expect(may('viewer')).rejects.toMatchObject({ status: 403 })
    await expect(may('billing')).rejects.toMatchObject({ status: 403 })
  })

  it('AZ-02: tells a stranger, an operator and everybody who asks for a team that is not there the same', async () => {
    const key = await byKey('owner')
    const tries = [
      w.ctx('stranger', 'acme'),
      w.ctx('operator', 'acme'),
      w.ctx('owner', 'rival'),
      w.ctx('owner', 'no-such-team'),
      w.authorizer.teamCtx(key, 'rival', 'team:read'),
    ]

    const answers = await Promise.allSettled(tries)
    for (const answer of answers)
      expect(answer).toMatchObject({ status: 'rejected', reason: { status: 404, message: 'There is no such page' } })
  })

  it('AZ-09: reads the role anew for each request, by session and by key', async () => {
    const key = await byKey('admin')
    const may = async (who: Promise<SignedIn> | SignedIn) => w.authorizer.teamCtx(await who, 'acme', 'server:create')
    await expect(may(w.identity('admin'))).resolves.toBeTruthy()
    await expect(may(key)).resolves.toBeTruthy()

    await w.test.query(`update memberships set role = 'viewer' where user_id = $1`, [w.people.admin.id])
    await expect(may(w.identity('admin'))).rejects.toMatchObject({ status: 403 })
    await expect(may(key)).rejects.toMatchObject({ status: 403 })

    await w.test.query('delete from memberships where user_id = $1', [w.people.admin.id])
    await expect(may(w.identity('admin'))).rejects.toMatchObject({ status: 404 })
    await expect(may(key)).rejects.toMatchObject({ status: 404 })
    await expect(byKey('admin')).rejects.toMatchObject({ status: 401 })
  })

  it('AK-02: never lets a key do more than itself or its maker', async () => {
    await w.test.query(`update api_keys set role = 'viewer' where created_by = $1`, [w.people.owner.id])

    const ctx = await w.authorizer.teamCtx(await byKey('owner'), 'acme', 'site:read')
    expect(ctx.may('site:create')).toBe(false)
  })

  it('AK-03: stops taking a key from the moment it is revoked or over', async () => {
    await w.test.query(`update api_keys set expires_at = $2 where created_by = $1`, [
      w.people.owner.id,
      new Date(w.clock.now().getTime() + days(1)),
    ])
    await w.test.query(`update api_keys set revoked_at = now() where created_by = $1`, [w.people.admin.id])

    await expect(byKey('owner')).resolves.toMatchObject({ kind: 'api-key' })
    w.clock.advance(days(1))
    await expect(byKey('owner')).rejects.toMatchObject({ status: 401 })
    await expect(byKey('admin')).rejects.toMatchObject({ status: 401 })
  })

  it('AK-03: writes down when a key was last used, at most once a minute', async () => {
    const used = async () => {
      await byKey('owner')
      const [row] = await w.test.query<{ at: Date }>('select last_used_at as at from api_keys where created_by = $1', [
        w.people.owner.id,
      ])
      return row?.at
    }

    const first = await used()
    w.clock.advance(minutes(0.5))
    expect(await used()).toEqual(first)
    w.clock.advance(minutes(1))
    expect(await used()).toEqual(w.clock.now())
  })

  it('AK-05: judges a request with a key by the key alone', async () => {
    const { cookie, apiKey } = w.people.owner

    expect(await ask({ cookie, authorization: `Bearer ${w.people.viewer.apiKey}` })).toMatchObject({ kind: 'api-key' })
    await expect(ask({ cookie, authorization: 'Bearer hst_wrong' })).rejects.toMatchObject({ status: 401 })
    expect(await ask({ cookie: `hostler-session=${apiKey}` })).toEqual({ kind: 'visitor' })
    const session = cookie.split('=')[1] ?? ''
    await expect(ask({ authorization: `Bearer ${session}` })).rejects.toMatchObject({ status: 401 })
  })

  it('AK-06: takes no key of a disabled person', async () => {
    await w.test.query('update users set disabled_at = now() where id = $1', [w.people.owner.id])

    await expect(byKey('owner')).rejects.toMatchObject({ status: 401 })
  })

  it.each(['Basic b3duZXI6cGFzcw==', 'Basic \r\nX: y', 'Negotiate x', ''])(
    'SE-05: makes nobody of the header %j',
    async (authorization) => {
      expect(await ask({ authorization })).toEqual({ kind: 'visitor' })
    },
  )

  it('SE-13: makes nobody of headers that proxies may set', async () => {
    const headers = { 'x-webauth-user': 'owner', 'x-forwarded-user': 'owner@example.com', 'x-api-key': 'hst_x' }

    expect(await ask(headers)).toEqual({ kind: 'visitor' })
  })

  it('LG-05: refuses a key in an address, wherever it stands', async () => {
    const { apiKey, cookie } = w.people.owner

    for (const url of [`/teams?key=${apiKey}`, `/teams/${apiKey}`, '/teams?api_key=x', '/teams?a=1&access_token=x'])
      await expect(ask({ cookie }, url)).rejects.toMatchObject({ status: 400 })
  })
})

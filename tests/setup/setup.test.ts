import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createAuthorizer } from '../../server/authorizer.js'
import { outsideTeams } from '../../server/platform/events/event.js'
import { verifyChain } from '../../server/platform/events/verify.js'
import { Secret } from '../../server/platform/secret.js'
import { checkToken, completeSetup, ensureSetupToken, initialise } from '../../server/setup/setup.js'
import { type TestServices, testServices } from '../support/services.js'

const from = { ip: '192.0.2.1', userAgent: 'Test' }
const first = (number = 1) => ({
  name: 'Ada',
  email: `ada${number}@example.com`,
  password: new Secret('a walk along the canal'),
  team: 'Acme & Söhne',
})

describe('setup', () => {
  let t: TestServices
  const count = async (table: string) => (await t.database.query(`select 1 from ${table}`)).length
  const token = async () => (await ensureSetupToken(t.services))?.reveal() ?? ''

  beforeAll(async () => {
    t = await testServices()
  })
  beforeEach(async () => {
    await t.database.query('delete from teams')
    await t.database.query('delete from users')
    await t.database.query('truncate setup, events, event_heads')
  })
  afterAll(() => t.close())

  it('makes an operator with a team of their own, and signs them in', async () => {
    const { session, team } = await completeSetup(t.services, { ...first(), token: await token() }, from)

    expect(team).toMatchObject({ slug: 'acme-sohne', name: 'Acme & Söhne' })
    const authorizer = createAuthorizer(t.services)
    const who = await authorizer.identify({
      url: '/',
      headers: { cookie: `hostler-session=${session.value}` },
    } as never)
    expect(who).toMatchObject({ kind: 'person', isOperator: true, actor: { name: 'Ada' } })
    if (who.kind === 'visitor' || who.kind === 'half') throw new Error('nobody')
    await expect(authorizer.teamCtx(who, 'acme-sohne', 'team:update')).resolves.toBeTruthy()
  })

  it('appends what happened to the chains that it belongs to', async () => {
    const { team } = await completeSetup(t.services, { ...first(), token: await token() }, from)

    const events = await t.database.query<{ type: string; team_id: string }>('select * from events order by id')
    expect(events.map((event) => [event.type, event.team_id])).toEqual([
      ['team.created', team.id],
      ['setup.completed', outsideTeams],
      ['session.started', outsideTeams],
      ['server.added', team.id],
    ])
    for (const id of [team.id, outsideTeams])
      expect(await t.services.db.asOperator((db) => verifyChain(db, id))).toMatchObject({ ok: true })
  })

  it.each([
    ['none', undefined],
    ['an empty one', ''],
    ['a wrong one', 'A'.repeat(43)],
  ])('AZ-17: makes nobody the operator with %s for a token', async (_, wrong) => {
    await token()

    await expect(checkToken(t.services, wrong)).rejects.toMatchObject({ status: 403 })
    const attempt = completeSetup(t.services, { ...first(), token: wrong ?? '' }, from)
    await expect(attempt).rejects.toMatchObject({ status: 403 })
    expect(await count('users')).toBe(0)
  })

  it('AZ-17: takes only the token that was printed last, and keeps none of them as it is', async () => {
    const old = await token()
    const newest = await token()

    await expect(checkToken(t.services, old)).rejects.toMatchObject({ status: 403 })
    await expect(checkToken(t.services, newest)).resolves.toBeUndefined()
    const [row] = await t.database.query<{ token_hash: Buffer }>('select token_hash from setup')
    expect(row?.token_hash.toString('base64url')).not.toBe(newest)
  })

  it('AZ-17: is gone afterwards, with any token, and after a restart', async () => {
    const used = await token()
    await completeSetup(t.services, { ...first(), token: used }, from)

    expect(await ensureSetupToken(t.services)).toBeNull()
    await expect(checkToken(t.services, used)).rejects.toMatchObject({ status: 404 })
    await expect(checkToken(t.services, undefined)).rejects.toMatchObject({ status: 404 })
    const again = completeSetup(t.services, { ...first(2), token: used }, from)
    await expect(again).rejects.toMatchObject({ status: 404 })
  })

  it('AZ-17: stays gone when every person is removed', async () => {
    await completeSetup(t.services, { ...first(), token: await token() }, from)
    await t.database.query('delete from users')

    expect(await ensureSetupToken(t.services)).toBeNull()
    await expect(checkToken(t.services, undefined)).rejects.toMatchObject({ status: 404 })
  })

  it('AZ-17: lets one of twenty win who come at once', async () => {
    const shared = await token()

    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, number) => completeSetup(t.services, { ...first(number), token: shared }, from)),
    )

    const lost = answers.filter((answer) => answer.status === 'rejected')
    expect(lost).toHaveLength(19)
    for (const answer of lost) expect(answer.reason).toMatchObject({ status: 404 })
    expect([await count('users'), await count('teams'), await count('memberships')]).toEqual([1, 1, 1])
  })

  it('refuses a password that everybody tries first, and can then be done with a better one', async () => {
    const shared = await token()
    const weak = { ...first(), token: shared, password: new Secret('password1234') }

    await expect(completeSetup(t.services, weak, from)).rejects.toMatchObject({ status: 422, field: 'password' })
    await expect(completeSetup(t.services, { ...first(), token: shared }, from)).resolves.toBeTruthy()
  })

  it('is done from the machine itself without a token, once', async () => {
    await token()
    const { user, team } = await initialise(t.services, first())

    expect(user).toMatchObject({ is_operator: true, email: 'ada1@example.com' })
    expect(team.slug).toBe('acme-sohne')
    await expect(initialise(t.services, first(2))).rejects.toMatchObject({ status: 409 })
    expect(await count('users')).toBe(1)
  })
})

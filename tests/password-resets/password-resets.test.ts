import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkReset, makeResetLink, resetPassword } from '../../server/password-resets/password-resets.js'
import { VisitorCtx } from '../../server/platform/access/ctx.js'
import { Secret } from '../../server/platform/secret.js'
import { changePassword } from '../../server/profile/profile.js'
import { signIn } from '../../server/sessions/sign-in.js'
import { minutes } from '../support/clock.js'
import { password, type World, world } from '../support/people.js'

const better = 'another walk, this time uphill'
const over = { status: 404, message: 'This link does not work any more' }

describe('a link to choose a new password', () => {
  let w: World
  const email = 'owner@example.com'
  const make = async () => new URL((await makeResetLink(w.services, email)).reveal())
  const makeToken = async () => (await make()).searchParams.get('token') ?? ''
  const use = (token: string, text = better) => resetPassword(w.services, { token, password: new Secret(text) })
  const enter = (text: string) =>
    signIn(
      VisitorCtx.make(w.services),
      { email, password: new Secret(text) },
      { ip: '192.0.2.1', userAgent: 'Test', oldCookie: undefined },
    )
  const identify = (cookie: string) => w.authorizer.identify({ url: '/', headers: { cookie } } as never)

  beforeAll(async () => {
    w = await world()
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  it('SE-08: changes the password, signs every browser of theirs out, and nobody in', async () => {
    await use(await makeToken())

    expect(await identify(w.people.owner.cookie)).toEqual({ kind: 'visitor' })
    expect(await identify(w.people.admin.cookie)).toMatchObject({ kind: 'person' })
    await expect(enter(password)).rejects.toMatchObject({ status: 422 })
    await expect(enter(better)).resolves.toBeTruthy()
    const sessions = await w.test.query('select 1 from sessions where user_id = $1', [w.people.owner.id])
    expect(sessions).toHaveLength(1)
  })

  it('SE-08: does not stand for a second factor: who has one is asked for it next', async () => {
    await w.test.query(
      `insert into authenticator_apps (id, user_id, secret_sealed, confirmed_at, created_at)
       values (gen_random_uuid(), $1, 'sealed', $2, $2)`,
      [w.people.owner.id, w.clock.now()],
    )
    await use(await makeToken())

    const { value } = await enter(better)
    expect(await identify(`hostler-session=${value}`)).toMatchObject({ kind: 'half' })
  })

  it('SE-08: is at the configured address, and kept only as a hash', async () => {
    const link = await make()

    expect(link.origin).toBe(w.services.config.baseUrl.origin)
    expect(link.pathname).toBe('/password-reset')
    const token = link.searchParams.get('token') ?? ''
    expect(Buffer.from(token, 'base64url')).toHaveLength(32)
    const hash = createHash('sha256').update(token).digest()
    expect(await w.test.query('select token_hash from password_resets')).toEqual([{ token_hash: hash }])
    const events = JSON.stringify(await w.test.query('select * from events'))
    expect(events).toContain('password-reset.made')
    expect(events).not.toContain(token)
  })

  it('SE-08: works for one of twenty who use it at once, and never again', async () => {
    const token = await makeToken()

    const answers = await Promise.allSettled(
      Array.from({ length: 20 }, (_, number) => use(token, `a walk of ${number} hours uphill`)),
    )

    const lost = answers.filter((answer) => answer.status === 'rejected')
    expect(lost).toHaveLength(19)
    for (const answer of lost) expect(answer.reason).toMatchObject(over)
    await expect(use(token)).rejects.toMatchObject(over)
  })

  it('SE-08: works for thirty minutes', async () => {
    const token = await makeToken()

    w.clock.advance(minutes(30) - 1)
    await expect(checkReset(w.services, token)).resolves.toBeUndefined()
    w.clock.advance(1)
    await expect(checkReset(w.services, token)).rejects.toMatchObject(over)
    await expect(use(token)).rejects.toMatchObject(over)
    await expect(enter(password)).resolves.toBeTruthy()
  })

  it.each([
    ['a newer link', () => make()],
    [
      'a change of the password',
      async () =>
        changePassword(
          await w.personCtx('owner'),
          { current: new Secret(password), password: new Secret('a third walk, by the sea') },
          { ip: '192.0.2.1', userAgent: 'Test' },
        ),
    ],
    [
      'a change of the address',
      () => w.test.query('update users set email = $1 where id = $2', ['other@example.com', w.people.owner.id]),
    ],
    ['a closed account', () => w.test.query('update users set disabled_at = now() where id = $1', [w.people.owner.id])],
  ])('SE-08: ends with %s', async (_, happens) => {
    const token = await makeToken()

    await happens()

    await expect(checkReset(w.services, token)).rejects.toMatchObject(over)
    await expect(use(token)).rejects.toMatchObject(over)
  })

  it('is still there after a password that everybody tries first was refused', async () => {
    const token = await makeToken()

    await expect(use(token, 'password1234')).rejects.toMatchObject({ status: 422, field: 'password' })
    await expect(use(token)).resolves.toBeUndefined()
  })

  it.each(['', 'A'.repeat(43), '\0'])('is none with %j for a token', async (token) => {
    await make()

    await expect(checkReset(w.services, token)).rejects.toMatchObject(over)
    await expect(use(token)).rejects.toMatchObject(over)
  })

  it('is made for nobody who does not sign in here', async () => {
    await expect(makeResetLink(w.services, 'nobody@example.com')).rejects.toMatchObject({ status: 404 })
  })
})

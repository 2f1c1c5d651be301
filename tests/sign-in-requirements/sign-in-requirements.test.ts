import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeResetLink, resetPassword } from '../../server/password-resets/password-resets.js'
import { paths } from '../../server/paths.js'
import { VisitorCtx } from '../../server/platform/access/ctx.js'
import { Secret } from '../../server/platform/secret.js'
import { signIn } from '../../server/sessions/sign-in.js'
import { type ForgingProvider, startForger } from '../support/forging-provider.js'
import type { Browser } from '../support/panel.js'
import { password } from '../support/people.js'
import { begin, comeBack, connectTo, type SignInWorld, signInWorld } from '../support/sign-in-world.js'

describe('a team that requires its own sign-in', () => {
  let w: SignInWorld
  let forger: ForgingProvider
  let id: string

  beforeAll(async () => {
    w = await signInWorld()
  })
  beforeEach(async () => {
    await w.reset()
    forger = await startForger()
    id = await connectTo(w, forger)
    for (const name of ['owner', 'admin', 'viewer'] as const) await w.know(id, name, name)
  })
  afterEach(() => forger.close())
  afterAll(() => w.close())

  async function signInBy(subject: string, connection = id): Promise<Browser> {
    const browser = w.panel.browser()
    const there = await begin(browser, connection)
    forger.userinfo = { sub: subject }
    forger.token = () => forger.sign({ nonce: there.searchParams.get('nonce'), sub: subject })
    const back = { code: 'one', iss: forger.issuer, state: there.searchParams.get('state') ?? '' }
    await comeBack(
      browser,
      new URL(`${paths.signInByCallback(connection)}?${new URLSearchParams(back)}`, 'http://localhost'),
    )
    return browser
  }
  async function signInByPassword(text = password, email = w.people.admin.email): Promise<Browser> {
    const from = { ip: '192.0.2.1', userAgent: 'Test', oldCookie: undefined }
    const { name, value } = await signIn(VisitorCtx.make(w.services), { email, password: new Secret(text) }, from)
    return w.panel.browser(`hostler-${name}=${value}`)
  }
  /** They have a second factor, and showed it in the session that they have. */
  const showFactor = async (name: 'owner' | 'admin') => {
    const { id: userId } = w.people[name]
    await w.test.query('update sessions set factor_proved_at = now() where user_id = $1', [userId])
    await w.test.query(
      `insert into authenticator_apps (id, user_id, secret_sealed, confirmed_at, created_at) values ($1, $1, 'x', now(), now())`,
      [userId],
    )
  }
  async function require_(browser: Browser, requires = id) {
    // The provider has said who they are, which is no password of their own account.
    await browser.get(paths.proof())
    await browser.post(paths.proof(), { password, next: '/' })
    await browser.get(paths.signInRequirement('acme'))
    return browser.post(paths.signInRequirement('acme'), { _method: 'put', requires, breakGlass: w.people.owner.id })
  }
  const opens = async (browser: Browser) => (await browser.get(paths.sites('acme'))).status

  it('SO-06: opens to its sign-in, and not to a password or a reset', async () => {
    await showFactor('owner')
    const before = w.panel.browser(w.people.viewer.cookie)
    expect(await opens(before)).toBe(200)

    expect((await require_(await signInBy('admin'))).status).toBe(303)

    expect(await opens(before)).toBe(403)
    expect(await opens(await signInBy('viewer'))).toBe(200)
    expect(await opens(await signInByPassword())).toBe(403)
    const token =
      new URL((await makeResetLink(w.services, w.people.admin.email)).reveal()).searchParams.get('token') ?? ''
    await resetPassword(w.services, { token, password: new Secret('another walk, this time uphill') })
    const reset = await signInByPassword('another walk, this time uphill')
    expect(await opens(reset)).toBe(403)
    expect((await reset.get(paths.sites('acme'))).text).toContain('/sign-in/address')
    expect((await reset.get(paths.profile())).status).toBe(200)
    expect((await reset.get(paths.sites('rival'))).status).toBe(404)
  })

  it('SO-06: opens to the owner who was named, once they have shown a second factor', async () => {
    await showFactor('owner')
    await require_(await signInBy('admin'))

    expect(await opens(w.panel.browser(w.people.owner.cookie))).toBe(200)
    expect(await opens(await signInByPassword(password, w.people.owner.email))).not.toBe(200)
    await showFactor('admin')
    expect(await opens(w.panel.browser(w.people.admin.cookie))).toBe(403)
    await w.test.query('delete from authenticator_apps')
    expect(await opens(w.panel.browser(w.people.owner.cookie)), 'without a factor any more').toBe(403)
    await showFactor('owner')
    expect(await opens(w.panel.browser(w.people.owner.cookie))).toBe(200)
    await w.test.query(`update memberships set role = 'admin' where user_id = $1`, [w.people.owner.id])
    expect(await opens(w.panel.browser(w.people.owner.cookie))).toBe(403)
  })

  it('SO-06: opens to the connection that is required, and to no other of the team', async () => {
    await showFactor('owner')
    const other = await connectTo(w, forger, { name: 'Other' })
    await w.know(other, 'viewer', 'viewer')
    await require_(await signInBy('admin'))

    expect(await opens(await signInBy('viewer', other))).toBe(403)
    await require_(await signInBy('admin'), 'any')
    expect(await opens(await signInBy('viewer', other))).toBe(200)
  })

  it('is not asked for by who has not come in that way, nor with an owner who has no second factor', async () => {
    expect((await require_(await signInBy('admin'))).text).toContain('has no second factor yet')
    await showFactor('owner')

    expect((await require_(w.panel.browser(w.people.admin.cookie))).text).toContain('Sign in by it first')
    expect((await require_(await signInBy('viewer'))).status).toBe(403)
    expect((await require_(await signInBy('admin'), 'nonsense')).status).toBe(422)
    expect(await opens(w.panel.browser(w.people.viewer.cookie))).toBe(200)
  })

  it('keeps the connection that is required, until it is required no longer', async () => {
    await showFactor('owner')
    const admin = await signInBy('admin')
    await require_(admin)
    const remove = () => admin.post(paths.signInConnection('acme', id), { _method: 'delete' })

    expect((await remove()).status).toBe(409)
    await require_(admin, 'any')
    expect((await remove()).status).toBe(409)
    const drop = () => admin.post(paths.signInRequirement('acme'), { _method: 'delete' })
    expect((await drop()).status).toBe(303)
    expect((await drop()).status).toBe(404)
    expect(await opens(w.panel.browser(w.people.viewer.cookie))).toBe(200)
    expect((await remove()).status).toBe(303)
  })

  it('tells the log what it was before and is after, by names', async () => {
    await showFactor('owner')
    const admin = await signInBy('admin')
    await require_(admin)
    await require_(admin, 'any')
    await admin.post(paths.signInRequirement('acme'), { _method: 'delete' })

    const events = await w.test.query<{ data: object }>(
      `select type, data->'before' as before, data->'after' as after from events
       where type like 'sign-in-requirement.%' order by sequence`,
    )
    const breakGlass = w.people.owner.name
    const [one, any] = [
      { requires: 'Okta', breakGlass },
      { requires: 'any', breakGlass },
    ]
    expect(events).toEqual([
      { type: 'sign-in-requirement.set', before: {}, after: one },
      { type: 'sign-in-requirement.set', before: one, after: any },
      { type: 'sign-in-requirement.dropped', before: any, after: {} },
    ])
  })
})

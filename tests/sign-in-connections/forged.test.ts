import { createHmac } from 'node:crypto'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { paths } from '../../server/paths.js'
import { minutes } from '../support/clock.js'
import { type ForgingProvider, startForger } from '../support/forging-provider.js'
import type { Browser } from '../support/panel.js'
import { begin, comeBack, connectTo, refusals, type SignInWorld, signInWorld } from '../support/sign-in-world.js'

describe('what a provider says that cannot be believed', () => {
  let w: SignInWorld
  let forger: ForgingProvider
  let id: string
  let browser: Browser

  beforeAll(async () => {
    w = await signInWorld()
  })
  beforeEach(async () => {
    await w.reset()
    forger = await startForger()
    id = await connectTo(w, forger, { defaultRole: 'viewer' })
    browser = w.panel.browser()
    // Ada is the admin of the team, so a token that is believed lets somebody in.
    await w.know(id, 'ada', 'admin')
  })
  afterEach(() => forger.close())
  afterAll(() => w.close())

  /** The whole way with a token that is as it should be, but for these. */
  async function signInWith(make: (nonce: string) => Promise<string> | string, more: Record<string, string> = {}) {
    const there = await begin(browser, id)
    forger.token = () => make(there.searchParams.get('nonce') ?? '')
    return comeBack(browser, backWith({ state: there.searchParams.get('state') ?? '', ...more }))
  }
  const backWith = (more: Record<string, string>, to = id) =>
    new URL(
      `${paths.signInByCallback(to)}?${new URLSearchParams({ code: 'one', iss: forger.issuer, ...more })}`,
      'http://localhost',
    )
  const isSignedIn = async () => (await browser.get(paths.team('acme'))).status === 200

  it('is believed when all of it is right', async () => {
    expect((await signInWith((nonce) => forger.sign({ nonce }))).status).toBe(303)
    expect(await isSignedIn()).toBe(true)
  })

  it.each<[string, (nonce: string) => Promise<string> | string]>([
    ['with a wrong nonce', () => forger.sign({ nonce: 'another' })],
    ['without a nonce', () => forger.sign({})],
    ['for another client', (nonce) => forger.sign({ nonce, aud: 'another' })],
    ['for several clients, made for another', (nonce) => forger.sign({ nonce, aud: ['hostler', 'b'], azp: 'b' })],
    ['by another issuer', (nonce) => forger.sign({ nonce, iss: 'https://evil.example' })],
    ['that is over', (nonce) => forger.sign({ nonce, exp: Math.floor(Date.now() / 1000) - 120 })],
    ['that is not good yet', (nonce) => forger.sign({ nonce, nbf: Math.floor(Date.now() / 1000) + 600 })],
    ['without a subject', (nonce) => forger.sign({ nonce, sub: undefined })],
    ['of a key that is not the provider’s', async (nonce) => (await anotherKey()).sign({ nonce, iss: forger.issuer })],
    ['that nobody signed', (nonce) => unsigned({ alg: 'none' }, claims(nonce))],
    ['that is signed with the public key', (nonce) => hs256(claims(nonce))],
    ['that is cut', async (nonce) => (await forger.sign({ nonce })).slice(0, -4)],
  ])('SO-03: lets nobody in by a token %s', async (_what, make) => {
    expect((await signInWith(make)).status).toBe(403)

    expect(await isSignedIn()).toBe(false)
    expect(await refusals(w)).toEqual(['not-proven'])
  })

  const claims = (nonce: string) => {
    const now = Math.floor(Date.now() / 1000)
    return { iss: forger.issuer, aud: 'hostler', sub: 'ada', iat: now, exp: now + 300, nonce }
  }
  const encoded = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url')
  const unsigned = (header: object, body: object) => `${encoded(header)}.${encoded(body)}.`
  const hs256 = (body: object) => {
    const text = `${encoded({ alg: 'HS256', kid: 'one' })}.${encoded(body)}`
    return `${text}.${createHmac('sha256', forger.publicKey).update(text).digest('base64url')}`
  }
  const anotherKey = async () => {
    const other = await startForger()
    await other.close()
    return other
  }

  it('SO-03: refuses an answer that names another issuer, or none where the provider names itself', async () => {
    const good = (nonce: string) => forger.sign({ nonce })

    expect((await signInWith(good, { iss: 'https://evil.example' })).status).toBe(403)
    expect((await signInWith(good, { iss: '' })).status).toBe(403)
    expect(await isSignedIn()).toBe(false)
  })

  it('SO-03: takes no state from another browser, for another connection, a second time, or too late', async () => {
    const other = await connectTo(w, forger, { name: 'Other' })
    const stranger = w.panel.browser()
    const there = await begin(browser, id)
    forger.token = () => forger.sign({ nonce: there.searchParams.get('nonce') ?? '' })
    const state = there.searchParams.get('state') ?? ''

    expect((await comeBack(stranger, backWith({ state }))).status).toBe(403)
    await begin(stranger, id)
    expect((await comeBack(stranger, backWith({ state }))).status).toBe(403)
    expect((await comeBack(browser, backWith({ state }, other))).status).toBe(403)
    expect((await comeBack(browser, backWith({ state: 'guessed' }))).status).toBe(403)
    expect((await comeBack(browser, backWith({ state }))).status).toBe(303)
    expect((await comeBack(browser, backWith({ state }))).status).toBe(403)
    expect(await refusals(w)).toEqual(Array.from({ length: 5 }, () => 'not-begun-here'))
  })

  it('SO-03: takes no state after ten minutes', async () => {
    const there = await begin(browser, id)
    await w.test.query(`update sign_in_flows set expires_at = expires_at - $1 * interval '1 ms'`, [minutes(10)])

    expect((await comeBack(browser, backWith({ state: there.searchParams.get('state') ?? '' }))).status).toBe(403)
  })

  it('keeps no state, nonce or verifier, and sends the verifier only as its hash', async () => {
    const there = await begin(browser, id)

    const kept = JSON.stringify(await w.test.query(`select * from sign_in_flows`))
    for (const name of ['state', 'nonce', 'code_challenge']) {
      expect(there.searchParams.get(name)).toMatch(/^[\w-]{43}$/)
      expect(kept).not.toContain(there.searchParams.get(name))
    }
    expect(there.searchParams.get('code_challenge_method')).toBe('S256')
  })

  it('says who it was when the person stopped it there', async () => {
    const there = await begin(browser, id)
    const url = backWith({ state: there.searchParams.get('state') ?? '', error: 'access_denied', code: '' })

    expect((await comeBack(browser, url)).status).toBe(403)
    expect(await refusals(w)).toEqual(['stopped-there'])
  })

  it('shows the client secret nowhere, and sends it to the provider alone', async () => {
    await signInWith((nonce) => forger.sign({ nonce }))

    const owner = w.panel.browser(w.people.owner.cookie)
    const page = await owner.get(paths.signInConnection('acme', id))
    const everything = JSON.stringify([
      await w.test.query('select * from oidc_settings'),
      await w.test.query('select * from events'),
      page.text,
    ])
    expect(everything).not.toContain('canary_client_secret')
    const asked = forger.sink.requests.find(({ url }) => url === '/token')
    expect(
      decodeURIComponent(Buffer.from(asked?.headers.authorization?.slice(6) ?? '', 'base64').toString()),
    ).toContain('canary_client_secret')
  })
})

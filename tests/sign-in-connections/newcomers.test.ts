import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { paths } from '../../server/paths.js'
import { type ForgingProvider, startForger } from '../support/forging-provider.js'
import {
  begin,
  comeBack,
  connectTo,
  leadsTo,
  proveDomain,
  refusals,
  type SignInWorld,
  signInWorld,
} from '../support/sign-in-world.js'

describe('who comes for the first time', () => {
  let w: SignInWorld
  let forger: ForgingProvider
  let id: string
  const ada = { sub: 'ada', email: 'ada@acme.example', email_verified: true, name: 'Ada' }

  beforeAll(async () => {
    w = await signInWorld()
  })
  beforeEach(async () => {
    await w.reset()
    forger = await startForger()
    id = await connectTo(w, forger, { defaultRole: 'developer' })
    await proveDomain(w, 'acme.example')
  })
  afterEach(() => forger.close())
  afterAll(() => w.close())

  async function signIn(claims: Record<string, unknown>, connection = id) {
    const browser = w.panel.browser()
    const there = await begin(browser, connection)
    forger.token = () => forger.sign({ nonce: there.searchParams.get('nonce'), ...claims })
    const back = { code: 'one', iss: forger.issuer, state: there.searchParams.get('state') ?? '' }
    const url = new URL(`${paths.signInByCallback(connection)}?${new URLSearchParams(back)}`, 'http://localhost')
    return { browser, page: await comeBack(browser, url) }
  }
  const roles = () =>
    w.test.query(`select role from memberships m join users u on u.id = m.user_id where u.email = 'ada@acme.example'`)

  it('joins with the role of newcomers by a verified address of a proven domain, once', async () => {
    const { browser, page } = await signIn(ada)
    await signIn(ada)

    expect(page.status).toBe(303)
    expect((await browser.get(paths.sites('acme'))).text).toContain('Signed in as </span>Ada')
    expect(await roles()).toEqual([{ role: 'developer' }])
    const proved = 'select password_proved_at is not null as proved from sessions where connection_id is not null'
    expect(await w.test.query(proved)).toEqual([{ proved: true }, { proved: true }])
    expect(await w.test.query(`select 1 from events where type = 'sign-in-connection.member-joined'`)).toHaveLength(1)
  })

  it('keeps their account when their address changes there, and gives it to nobody who gets the old one', async () => {
    await signIn(ada)

    expect((await signIn({ ...ada, email: 'lovelace@acme.example' })).page.status).toBe(303)
    expect((await signIn({ ...ada, sub: 'another' })).page.status).toBe(403)
    expect(await refusals(w)).toEqual(['account-exists'])
  })

  it.each<[string, Record<string, unknown>]>([
    ['is not verified there', { ...ada, email_verified: false }],
    ['is not said to be verified', { ...ada, email_verified: undefined }],
    ['is said to be so in words', { ...ada, email_verified: 'true' }],
    ['is of another domain', { ...ada, email: 'ada@rival.example' }],
    ['is of a domain below', { ...ada, email: 'ada@mail.acme.example' }],
    ['is none', { ...ada, email: 'nonsense' }],
    ['is not said', { ...ada, email: undefined }],
  ])('SO-03: does not join when their address %s', async (_what, claims) => {
    expect((await signIn(claims)).page.status).toBe(403)
    expect(await refusals(w)).toEqual(['not-invited'])
    expect(await roles()).toEqual([])
  })

  it('SO-02: does not join by the provider of another team, whose domain it is not', async () => {
    const theirs = await connectTo(w, forger, { defaultRole: 'developer', by: 'stranger' })

    expect((await signIn(ada, theirs)).page.status).toBe(403)
    expect(await refusals(w, w.rival)).toEqual(['not-invited'])
  })

  it('does not join where only who is invited may', async () => {
    await w.test.query('update sign_in_connections set default_role = null')

    expect((await signIn(ada)).page.status).toBe(403)
  })

  it('finds the way by typing their address', async () => {
    const browser = w.panel.browser()
    await browser.get(paths.signInByAddress())
    const typed = (email: string) => browser.post(paths.signInByAddress(), { email })

    expect(leadsTo(await typed('Anybody@ACME.example')).origin).toBe(forger.issuer)
    expect((await typed('anybody@elsewhere.example')).status).toBe(422)
    expect((await typed('nonsense')).status).toBe(422)
    await connectTo(w, forger, { name: 'Second' })
    expect((await typed('anybody@acme.example')).text).toContain('Sign in by Second')
  })
})

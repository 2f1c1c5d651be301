import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest'
import { paths } from '../../server/paths.js'
import { Secret } from '../../server/platform/secret.js'
import { days } from '../support/clock.js'
import { type ForgingProvider, startForger } from '../support/forging-provider.js'
import type { Browser, Page } from '../support/panel.js'
import { comeBack, leadsTo, type SignInWorld, signInWorld } from '../support/sign-in-world.js'
import { type Sink, startSink } from '../support/sink.js'

describe('signing in by GitHub and Google', () => {
  let w: SignInWorld
  let google: ForgingProvider
  let github: Sink
  /** As `GET /user` and `GET /user/emails` answer: https://docs.github.com/rest/users. */
  let user: Record<string, unknown>
  let emails: unknown[]

  beforeAll(async () => {
    w = await signInWorld()
    google = await startForger()
    github = await startSink()
    const client = { clientId: 'hostler', clientSecret: new Secret('canary_client_secret') }
    const signInProviders = {
      github: { ...client, address: github.url },
      google: { ...client, address: google.issuer },
    }
    Object.assign(w.services, { config: { ...w.services.config, signInProviders } })
  })
  beforeEach(async () => {
    await w.reset()
    await w.test.query('delete from identities')
    user = { id: 583231, login: 'octocat', name: 'Octocat' }
    emails = [{ email: 'octocat@example.com', primary: true, verified: true, visibility: 'public' }]
    github.answer = (req, res) => {
      const say = (body: unknown) =>
        res.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(body))
      if (req.url === '/login/oauth/access_token')
        return say({ access_token: 'gho_canary', scope: 'read:user', token_type: 'bearer' })
      if (req.headers.authorization !== 'Bearer gho_canary') return res.writeHead(401).end()
      return req.url === '/api/v3/user'
        ? say(user)
        : req.url === '/api/v3/user/emails'
          ? say(emails)
          : res.writeHead(404).end()
    }
  })
  afterEach(() => {
    github.requests.length = 0
  })
  afterAll(async () => {
    await google.close()
    await github.close()
    await w.close()
  })

  type Name = 'github' | 'google'
  async function back(browser: Browser, name: Name, left: Page, more: Record<string, string> = {}): Promise<Page> {
    const there = leadsTo(left)
    google.userinfo = { sub: 'g-1' }
    google.token = () => google.sign({ nonce: there.searchParams.get('nonce'), sub: 'g-1' })
    const said = {
      code: 'one',
      state: there.searchParams.get('state') ?? '',
      ...(name === 'google' ? { iss: google.issuer } : {}),
      ...more,
    }
    return comeBack(
      browser,
      new URL(`${paths.signInWithCallback(name)}?${new URLSearchParams(said)}`, 'http://localhost'),
    )
  }
  async function linkAs(who: 'owner' | 'viewer', name: Name): Promise<Page> {
    const browser = w.panel.browser(w.people[who].cookie)
    await browser.get(paths.identities())
    return back(browser, name, await browser.post(paths.signInWithLinks(name), {}))
  }
  async function signIn(name: Name, more: Record<string, string> = {}) {
    const browser = w.panel.browser()
    await browser.get(paths.signInByAddress())
    return { browser, page: await back(browser, name, await browser.post(paths.signInWithStarts(name), {}), more) }
  }

  it.each<Name>(['github', 'google'])('lets in by %s whoever has linked it', async (name) => {
    expect((await linkAs('owner', name)).status).toBe(303)
    expect((await linkAs('owner', name)).status).toBe(303)

    const { browser, page } = await signIn(name)

    expect(page.status).toBe(303)
    expect((await browser.get(paths.sites('acme'))).text).toContain('Signed in as </span>Owner')
    expect((await browser.get(paths.identities())).text).toContain(name === 'github' ? 'GitHub' : 'Google')
    expect(await w.test.query('select begun_by from sessions where begun_by = $1', [name])).toHaveLength(1)
    const told = await w.test.query('select 1 from known_browsers where user_id = $1', [w.people.owner.id])
    expect(told, 'what the mail about a new browser tells of').toHaveLength(1)
  })

  it('SE-03: lets in nobody by an account that is unlinked in the same moment', async () => {
    await linkAs('owner', 'github')
    let signedIn: ReturnType<typeof signIn> | undefined
    await w.services.db.asIdentity(async (db) => {
      await db('identities').delete()
      signedIn = signIn('github')
      await vi.waitFor(async () => expect(await w.test.query(waiting)).toHaveLength(1), { timeout: 10_000 })
    })

    expect((await signedIn)?.page.status).toBe(403)
    expect(await w.test.query(`select 1 from sessions where begun_by = 'github'`)).toEqual([])
  })
  const waiting = `select 1 from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'`

  it.each<Name>(['github', 'google'])(
    'SO-02: takes no address of %s for a person, and makes no account',
    async (name) => {
      emails = [{ email: w.people.owner.email, primary: true, verified: true, visibility: null }]

      const { browser, page } = await signIn(name)

      expect(page.status).toBe(403)
      expect(page.text).toContain('Nobody here has linked')
      expect((await browser.get(paths.team('acme'))).status).toBe(303)
      expect(await w.test.query('select id from identities')).toEqual([])
    },
  )

  it('knows GitHub’s people by their number, whatever they are called today', async () => {
    await linkAs('owner', 'github')
    user = { ...user, login: 'renamed' }
    expect((await signIn('github')).page.status).toBe(303)

    user = { ...user, id: 7, login: 'octocat' }
    expect((await signIn('github')).page.status).toBe(403)
  })

  it('links one account there to one person', async () => {
    await linkAs('owner', 'github')

    expect((await linkAs('viewer', 'github')).status).toBe(409)
  })

  it('SO-03: takes no state from another browser, a second time, or another’s answer', async () => {
    await linkAs('owner', 'github')
    const browser = w.panel.browser()
    await browser.get(paths.signInByAddress())
    const left = await browser.post(paths.signInWithStarts('github'), {})

    expect((await back(w.panel.browser(), 'github', left)).status).toBe(403)
    expect((await back(browser, 'google', left)).status).toBe(403)
    expect((await back(browser, 'github', left)).status).toBe(303)
    expect((await back(browser, 'github', left)).status).toBe(403)
    expect((await signIn('github', { error: 'access_denied' })).page.status).toBe(403)
  })

  it('says that Google cannot be reached, where it never was, and else goes by what it said of itself', async () => {
    const away = (path: string) => {
      const { answer } = google.sink
      google.sink.answer = (req, res) => (req.url === path ? res.socket?.destroy() : answer(req, res))
      return () => Object.assign(google.sink, { answer })
    }
    const asked = () => google.sink.requests.filter(({ url }) => url === '/.well-known/openid-configuration').length
    await linkAs('owner', 'google')
    const before = asked()
    expect((await signIn('google')).page.status).toBe(303)
    expect(asked()).toBe(before)

    w.clock.advance(days(1))
    const back = away('/.well-known/openid-configuration')
    expect((await signIn('google')).page.status).toBe(303)
    const config = w.services.config
    const client = { clientId: 'hostler', clientSecret: new Secret('canary') }
    const signInProviders = { google: { ...client, address: google.issuer.replace('127.0.0.1', 'localhost') } }
    Object.assign(w.services, { config: { ...config, signInProviders } })
    const browser = w.panel.browser()
    await browser.get(paths.signInByAddress())
    const answer = await browser.post(paths.signInWithStarts('google'), {})
    Object.assign(w.services, { config })
    back()

    expect([answer.status, answer.text]).toEqual([502, expect.stringContaining('Google cannot be reached now')])
    const [event] = await w.test.query(`select data from events where type = 'session.refused'`)
    expect(event).toMatchObject({ data: { by: 'google', refusal: 'unreachable' } })
  })

  it('SO-04: keeps out who is disabled', async () => {
    await linkAs('owner', 'google')
    await w.test.query('update users set disabled_at = now() where id = $1', [w.people.owner.id])

    expect((await signIn('google')).page.status).toBe(403)
  })

  it('signs nobody in once it is unlinked; another’s is not there', async () => {
    await linkAs('owner', 'github')
    const [row] = await w.test.query<{ id: string }>('select id from identities')
    const unlink = async (who: 'owner' | 'viewer') => {
      const browser = w.panel.browser(w.people[who].cookie)
      await browser.get(paths.identities())
      return (await browser.post(paths.identity(row?.id ?? ''), { _method: 'delete' })).status
    }

    const elsewhere = (await signIn('github')).browser
    expect((await elsewhere.get(paths.profile())).status).toBe(200)
    expect(await unlink('viewer')).toBe(404)
    expect(await unlink('owner')).toBe(303)
    expect((await elsewhere.get(paths.profile())).status, 'SE-03').toBe(303)
    const [told] = await w.test.query(`select data, address from events where type = 'identity.unlinked'`)
    expect(told).toMatchObject({ data: { provider: 'github', sessionsEnded: 1 }, address: expect.any(String) })
    expect(await unlink('owner')).toBe(404)
    expect((await signIn('github')).page.status).toBe(403)
  })

  it('sends PKCE, and the secret in no address', async () => {
    await linkAs('owner', 'github')

    const asked = github.requests.find(({ url }) => url === '/login/oauth/access_token')
    expect(asked?.body).toContain('code_verifier=')
    expect(github.requests.map(({ url }) => url).join()).not.toContain('canary')
  })

  it('is not there where it is not set up', async () => {
    const { signInProviders, ...config } = w.services.config
    Object.assign(w.services, { config })
    const browser = w.panel.browser()

    expect((await browser.get(paths.signInByAddress())).text).not.toContain('Sign in by GitHub')
    expect((await browser.post(paths.signInWithStarts('github'), {})).status).toBe(404)
    Object.assign(w.services, { config: { ...config, signInProviders } })
  })
})

import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { paths } from '../../server/paths.js'
import { hashOfToken } from '../../server/platform/link-token.js'
import { authenticator } from '../support/authenticator.js'
import { type ForgingProvider, startForger } from '../support/forging-provider.js'
import { insert } from '../support/make.js'
import type { Browser } from '../support/panel.js'
import { password } from '../support/people.js'
import { connectTo, type SignInWorld, signInWorld } from '../support/sign-in-world.js'

/** Whoever runs the provider may be who has come, so what they reach is of that team alone. */
describe('SO-02: a session that a team’s own sign-in began', () => {
  let w: SignInWorld
  let forger: ForgingProvider
  let connection: string
  let browser: Browser
  const challengeAt = async (where: Browser, path: string) => JSON.parse((await where.post(path, {})).text)

  beforeAll(async () => {
    w = await signInWorld()
  })
  beforeEach(async () => {
    await w.reset()
    await w.test.query('delete from identities')
    forger = await startForger()
    connection = await connectTo(w, forger)
    await w.know(connection, 'owner', 'owner')
    const change = `update sessions set connection_id = $1, begun_by = 'oidc' where user_id = $2`
    await w.test.query(change, [connection, w.people.owner.id])
    browser = w.panel.browser(w.people.owner.cookie)
    await browser.get(paths.team('acme'))
  })
  afterEach(() => forger.close())
  afterAll(() => w.close())

  it('makes no other team, and accepts no invitation into one', async () => {
    expect((await browser.post('/teams', { name: 'Mine' })).status).toBe(403)
    await w.test.query(
      `insert into invitations (id, team_id, email, role, token_hash, is_mailed, invited_by, created_at, sent_at, expires_at)
       values (gen_random_uuid(), $1, $2, 'viewer', $4, true, $3, now(), now(), now() + interval '1 day')`,
      [w.rival.id, w.people.owner.email, w.people.stranger.id, hashOfToken('abc')],
    )

    expect((await browser.post('/invitation', { token: 'abc' })).status).toBe(403)
    expect(await w.test.query('select 1 from memberships where user_id = $1', [w.people.owner.id])).toHaveLength(1)
  })

  it('accepts an invitation into its own team', async () => {
    await w.test.query('delete from memberships where user_id = $1', [w.people.viewer.id])
    const change = `update sessions set connection_id = $1, begun_by = 'oidc' where user_id = $2`
    await w.test.query(change, [connection, w.people.viewer.id])
    await w.test.query(
      `insert into invitations (id, team_id, email, role, token_hash, is_mailed, invited_by, created_at, sent_at, expires_at)
       values (gen_random_uuid(), $1, $2, 'viewer', $4, true, $3, now(), now(), now() + interval '1 day')`,
      [w.acme.id, w.people.viewer.email, w.people.owner.id, hashOfToken('abc')],
    )
    const viewer = w.panel.browser(w.people.viewer.cookie)
    await viewer.get(paths.profile())

    expect((await viewer.post('/invitation', { token: 'abc' })).status).toBe(303)
  })

  it('gives its person another name while they are in no other team', async () => {
    const rename = async (name: string) => (await browser.post(paths.profile(), { _method: 'patch', name })).status
    expect(await rename('Olive')).toBe(303)
    await insert(w.test, 'memberships', {
      ...{ team_id: w.rival.id, user_id: w.people.owner.id, role: 'viewer', created_at: new Date() },
    })

    expect(await rename('Mallory')).toBe(403)
  })

  it('is shown, and ends, what it began, and nothing else', async () => {
    const other = {
      id_hash: Buffer.alloc(32, 1),
      user_id: w.people.owner.id,
      csrf_secret: Buffer.alloc(32),
      flash: null,
    }
    const now = new Date()
    await insert(w.test, 'sessions', {
      ...{ ...other, ip: '198.51.100.77', user_agent: 'At home', created_at: now, last_seen_at: now },
      ...{ expires_at: new Date(now.getTime() + 86_400_000), begun_by: 'password' },
    })
    await w.test.query(
      `insert into identities (id, user_id, provider, subject, email, created_at) values (gen_random_uuid(), $1, 'github', '7', 'me@home.example', now())`,
      [w.people.owner.id],
    )

    expect((await browser.get(paths.sessions())).text).not.toContain('198.51.100.77')
    expect((await browser.get(paths.identities())).text).not.toContain('me@home.example')
    expect((await browser.post(paths.session(other.id_hash.toString('base64url')), { _method: 'delete' })).status).toBe(
      404,
    )
    expect((await browser.post(paths.sessions(), { _method: 'delete' })).status).toBe(303)
    expect(await w.test.query(`select 1 from sessions where user_agent = 'At home'`)).toHaveLength(1)
    const [github] = await w.test.query<{ id: string }>(`select id from identities where provider = 'github'`)
    expect((await browser.post(paths.identity(github?.id ?? ''), { _method: 'delete' })).status).toBe(403)
  })

  it('adds a passkey that is a second factor, and signs nobody in by itself', async () => {
    const key = authenticator()
    await browser.get(paths.signInMethods())
    const response = key.make(await challengeAt(browser, paths.passkeyChallenges()))
    expect((await browser.post(paths.passkeys(), { name: 'Theirs', response })).status).toBe(200)
    expect((await browser.get(paths.signInMethods())).text).toContain('A second factor alone')

    const alone = w.panel.browser()
    await alone.get('/sign-in')
    const used = key.use(await challengeAt(alone, '/sign-in/passkey-challenges'))
    const refused = await alone.post('/sign-in/passkey', { response: used })
    expect([refused.status, refused.text]).toEqual([403, expect.stringContaining('a second factor alone')])

    const half = w.panel.browser()
    await half.get('/sign-in')
    await half.post('/sign-in', { email: w.people.owner.email, password })
    await half.get('/sign-in/factor')
    const second = key.use(await challengeAt(half, '/sign-in/factor/passkey-challenges'))
    expect((await half.post('/sign-in/factor/passkey', { response: second })).status).toBe(303)
  })
})

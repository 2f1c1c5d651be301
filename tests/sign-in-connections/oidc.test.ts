import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { paths } from '../../server/paths.js'
import { startProvider, type TestProvider } from '../support/oidc-provider.js'
import {
  begin,
  comeBack,
  connectTo,
  leadsTo,
  refusals,
  reservedRedirect,
  type SignInWorld,
  signInWorld,
} from '../support/sign-in-world.js'

describe('signing in by a real OpenID provider', () => {
  let w: SignInWorld
  let provider: TestProvider
  let id: string
  const ada = { sub: 'ada-1', email: 'ada@example.com', email_verified: true, name: 'Ada' }

  beforeAll(async () => {
    w = await signInWorld()
  })
  beforeEach(async () => {
    await w.reset()
    const { reserved, redirectUrl } = reservedRedirect(w)
    provider = await startProvider(redirectUrl, ada)
    id = await connectTo(w, provider, { reserved, defaultRole: 'viewer' })
  })
  afterEach(() => provider.close())
  afterAll(() => w.close())

  const linked = async (name: 'admin' | 'viewer' | 'operator') => {
    const browser = w.panel.browser(w.people[name].cookie)
    await browser.get(paths.signInBy(id))
    const there = leadsTo(await browser.post(paths.signInByLinks(id), {}))
    return comeBack(browser, await provider.visit(there.href))
  }
  const signIn = async (next = '') => {
    const browser = w.panel.browser()
    const page = await comeBack(browser, await provider.visit((await begin(browser, id, next)).href))
    return { browser, page }
  }

  it('lets in whoever has linked it to their account, and leads them to what they asked for', async () => {
    expect((await linked('admin')).headers.get('location')).toBe(paths.profile())

    const { browser, page } = await signIn(paths.members('acme'))

    expect(page.status).toBe(303)
    expect(page.headers.get('location')).toBe(paths.members('acme'))
    const members = await browser.get(paths.members('acme'))
    expect(members.status).toBe(200)
    expect(members.text).toContain('Signed in as </span>Admin')
  })

  it('links twice as once, and not for two people', async () => {
    await linked('admin')

    expect((await linked('admin')).status).toBe(303)
    expect((await linked('viewer')).status).toBe(403)
    expect(await refusals(w)).toEqual(['somebody-elses'])
    expect(await w.test.query('select user_id from identities')).toEqual([{ user_id: w.people.admin.id }])
  })

  it('SO-02: does not take an address for a person', async () => {
    provider.account = { ...ada, email: w.people.owner.email }

    const { browser, page } = await signIn()

    expect(page.status).toBe(403)
    expect((await browser.get(paths.team('acme'))).status).toBe(303)
    expect(await refusals(w)).toEqual(['account-exists'])
    expect(await w.test.query('select id from identities')).toEqual([])
  })

  it('SO-02: opens the team that it belongs to, and no other and no operator’s page', async () => {
    await w.test.query('insert into memberships (team_id, user_id, role, created_at) values ($1, $2, $3, now())', [
      w.rival.id,
      w.people.admin.id,
      'viewer',
    ])
    await w.test.query('update users set is_operator = true where id = $1', [w.people.admin.id])
    await linked('admin')

    const { browser } = await signIn()

    expect((await browser.get(paths.team('acme'))).status).toBe(200)
    expect((await browser.get(paths.team('rival'))).status).toBe(404)
    const cookie = `hostler-session=${browser.cookie('hostler-session')}`
    const who = await w.authorizer.identify({ url: '/', headers: { cookie } } as never)
    expect(who).toMatchObject({ kind: 'person', isOperator: false, teams: [{ slug: 'acme' }] })
  })

  it('SO-02: links nothing more from a session that a team’s own sign-in began', async () => {
    await linked('admin')
    const { browser } = await signIn()
    await browser.get(paths.signInBy(id))

    // Asked for the password first, and refused even with it.
    expect((await browser.post(paths.signInByLinks(id), {})).status).toBe(303)
    await w.test.query('update sessions set password_proved_at = now()')
    expect((await browser.post(paths.signInByLinks(id), {})).status).toBe(403)
  })

  it.each([
    ['is disabled', 'update users set disabled_at = now() where id = $1'],
    ['was removed from the team', 'delete from memberships where user_id = $1'],
    ['was deleted', 'delete from users where id = $1'],
  ])('SO-04: keeps out who %s', async (_state, sql) => {
    await linked('admin')
    await w.test.query(sql, [w.people.admin.id])

    const { browser, page } = await signIn()

    expect(page.status).toBe(403)
    expect((await browser.get(paths.team('acme'))).status).toBe(303)
    expect(await refusals(w)).toEqual(['not-a-member'])
    expect(await w.test.query(`select 1 from users where email = 'ada@example.com'`)).toEqual([])
  })

  it('makes no member of somebody whose domain the team has not proven', async () => {
    const { page } = await signIn()

    expect(page.status).toBe(403)
    expect(page.text).toContain('nobody has let you into Acme')
    expect(await refusals(w)).toEqual(['not-invited'])
  })

  it('ends every session that it began when it is removed', async () => {
    await linked('admin')
    const { browser } = await signIn()
    const owner = w.panel.browser(w.people.owner.cookie)
    await owner.get(paths.signInConnection('acme', id))

    await owner.post(paths.signInConnection('acme', id), { _method: 'delete' })

    expect((await browser.get(paths.team('acme'))).status).toBe(303)
    expect((await w.panel.browser().get(paths.signInBy(id))).status).toBe(404)
  })

  it('is tried without changing anything', async () => {
    const owner = w.panel.browser(w.people.owner.cookie)
    await owner.get(paths.signInConnection('acme', id))
    const there = leadsTo(await owner.post(paths.signInTrials('acme', id), {}))
    const count =
      'select (select count(*) from users)::int as users, (select count(*) from sessions)::int as sessions, (select count(*) from identities)::int as identities, (select count(*) from events)::int as events'
    const before = await w.test.query(count)

    const page = await comeBack(owner, await provider.visit(there.href))

    expect(page.status).toBe(200)
    expect(page.text).toContain('ada@example.com')
    expect(page.text).toContain('invited first')
    expect(await w.test.query(count)).toEqual(before)
  })

  it('SO-02: proves no password of an account that it did not make, so that nothing of the account is changed by it', async () => {
    await linked('admin')
    await signIn()

    const rows = await w.test.query('select begun_by, password_proved_at from sessions where connection_id is not null')
    expect(rows).toEqual([{ begun_by: 'oidc', password_proved_at: null }])
  })

  it('records a session as begun by it', async () => {
    await linked('admin')
    await signIn()

    const [row] = await w.test.query(`select data from events where type = 'session.started'`)
    expect(row).toMatchObject({ data: { by: 'oidc' } })
  })
})

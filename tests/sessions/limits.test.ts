import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cookieName } from '../../server/platform/http/cookies.js'
import { beginAttempt } from '../../server/sessions/attempts.js'
import { forgetOldSessions } from '../../server/sessions/ending.js'
import { placeOf } from '../../server/sessions/place.js'
import { attempts, mailRequests } from '../../server/sessions/rules.js'
import { countAgainst } from '../../server/sessions/sessions.js'
import { latch } from '../platform/http/panel.js'
import { authenticator } from '../support/authenticator.js'
import { minutes } from '../support/clock.js'
import { type Browser, startTestPanel } from '../support/panel.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import { password } from '../support/people.js'

let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(() => w.reset())
afterAll(() => w.close())

const atSignIn = async (): Promise<Browser> => {
  const browser = w.panel.browser()
  await browser.get('/sign-in')
  return browser
}
const enter = async (browser: Browser, fields: Record<string, string> = {}, headers: Record<string, string> = {}) => {
  await browser.get('/sign-in')
  return (await browser.post('/sign-in', { email: 'owner@example.com', password, ...fields }, headers)).status
}
/** Ten wrong passwords from elsewhere shut the account; the address is another one, so it is not shut by that. */
const shutAccount = () =>
  w.test.query(
    `insert into sign_in_attempts (key, failures, window_ends_at)
     values ('account:' || rtrim(translate(encode(sha256('owner@example.com'), 'base64'), '+/', '-_'), '='), 10, $1)`,
    [new Date(w.clock.now().getTime() + minutes(15))],
  )

describe('limits of sign-ins', () => {
  it('RL-04: a browser that the owner signed in with before lets them in while the account is shut to others', async () => {
    const home = await atSignIn()
    expect(await enter(home)).toBe(303)
    await home.get('/profile')
    await home.post('/sign-out', {})
    await shutAccount()

    expect(await enter(await atSignIn())).toBe(429)
    expect(await enter(home)).toBe(303)
  })

  it('RL-04: that browser is limited by itself, and is known for its own person only', async () => {
    const home = await atSignIn()
    await enter(home)
    await home.get('/profile')
    await home.post('/sign-out', {})
    for (let guess = 0; guess < 10; guess++) expect(await enter(home, { password: `wrong ${guess}` })).toBe(422)

    expect(await enter(home)).toBe(429)
    expect(await enter(await atSignIn())).toBe(303)
    await w.test.query('delete from sign_in_attempts')
    await shutAccount()
    const other = await atSignIn()
    await enter(other, { email: 'admin@example.com' })
    await other.get('/profile')
    await other.post('/sign-out', {})
    expect(await enter(other)).toBe(429)
  })

  it('RL-08: a browser that only says that it is known is not', async () => {
    await shutAccount()

    for (const said of [randomBytes(32).toString('base64url'), '1', 'true'])
      expect(await enter(w.panel.browser(`${cookieName('browser', w.services.config.baseUrl)}=${said}`))).toBe(429)
  })

  it('RL-04: a passkey lets the owner in from anywhere while the account is shut', async () => {
    const browser = w.panel.browser(w.people.owner.cookie)
    const key = authenticator()
    await browser.get('/profile/sign-in')
    const made = JSON.parse((await browser.post('/profile/sign-in/passkey-challenges', {})).text)
    await browser.post('/profile/sign-in/passkeys', { name: 'Key', response: key.make(made) })
    await shutAccount()

    const visitor = await atSignIn()
    expect(await enter(visitor)).toBe(429)
    const asked = JSON.parse((await visitor.post('/sign-in/passkey-challenges', {})).text)
    expect((await visitor.post('/sign-in/passkey', { response: key.use(asked) })).status).toBe(303)
  })

  it('RL-04: whoever is signed in already proves the password all the same', async () => {
    await shutAccount()
    const browser = w.panel.browser(w.people.owner.cookie)
    await browser.get('/profile/proof')

    expect((await browser.post('/profile/proof', { password })).status).toBe(303)
  })

  it('RL-01: is not fooled by headers that claim another address', async () => {
    const answers: number[] = []
    for (let guess = 0; guess < 31; guess++) {
      const headers = { 'x-forwarded-for': `198.51.100.${guess}`, 'x-real-ip': `198.51.100.${guess}` }
      answers.push(await enter(await atSignIn(), { email: `user${guess}@example.com`, password: 'wrong' }, headers))
    }

    expect(answers.at(-1)).toBe(429)
  })

  it('RL-02: counts spellings of one address together', async () => {
    const spellings = ['OWNER@example.com', ' owner@example.com', 'owner@EXAMPLE.com ', 'ｏｗｎｅｒ@example.com']
    for (let guess = 0; guess < 10; guess++)
      await enter(await atSignIn(), { email: spellings[guess % 4] ?? '', password: 'wrong' })

    expect(await enter(await atSignIn())).toBe(429)
  })

  it('is limited for all together, but for browsers that are known', async () => {
    const home = await atSignIn()
    await enter(home)
    await home.get('/profile')
    await home.post('/sign-out', {})
    await w.test.query(
      `insert into sign_in_attempts (key, failures, window_ends_at) values ('overall', 1000, $1)
      on conflict (key) do update set failures = 1000`,
      [new Date(w.clock.now().getTime() + minutes(15))],
    )

    expect(await enter(await atSignIn(), { email: 'viewer@example.com' })).toBe(429)
    expect(await enter(home)).toBe(303)
    w.clock.advance(minutes(15))
    expect(await enter(await atSignIn(), { email: 'viewer@example.com' })).toBe(303)
  })

  it('RL-06: is counted in the database, so that another process counts on', async () => {
    for (let guess = 0; guess < 10; guess++) await enter(await atSignIn(), { password: 'wrong' })
    const again = await startTestPanel(w)
    const browser = again.browser()
    await browser.get('/sign-in')

    expect((await browser.post('/sign-in', { email: 'owner@example.com', password })).status).toBe(429)
    await again.close()
  })
})

describe('an address that is over its limit', () => {
  const [flooding, other] = ['203.0.113.9', '198.51.100.7']
  const flood = (email: string, times = 200) =>
    Promise.allSettled(Array.from({ length: times }, () => beginAttempt(w.services, email, flooding)))
  const counts = async () => {
    const rows = await w.test.query<{ kind: string; failures: number }>(
      `select split_part(key, ':', 1) as kind, failures from sign_in_attempts`,
    )
    return Object.fromEntries(rows.map(({ kind, failures }) => [kind, failures]))
  }

  it('shuts neither the panel nor an account for others, whether or not the account is known', async () => {
    for (const email of ['owner@example.com', 'nobody@example.com']) {
      await w.test.query('delete from sign_in_attempts')
      await flood(email)

      expect(await counts()).toEqual({ address: 200, account: attempts.perAddress, overall: attempts.perAccount })
    }
    await w.test.query('delete from sign_in_attempts')
    for (let account = 0; account < 20; account++) await flood(`user${account}@example.com`, 10)
    expect(await counts()).toMatchObject({ overall: attempts.perAddress })
    await expect(beginAttempt(w.services, 'viewer@example.com', other)).resolves.toBeDefined()
  })

  it('takes back just what was counted of the right password', async () => {
    const attempt = await beginAttempt(w.services, 'owner@example.com', other)
    expect(await counts()).toEqual({ address: 1, account: 1, overall: 1 })
    await attempt.succeeded()
    expect(await counts()).toEqual({ address: 0, overall: 0 })
  })

  it('stops no mails to people whom it did not ask for before', async () => {
    const ask = (ip: string, email: string) => countAgainst(w.services, mailRequests, ip, email)
    for (let asked = 0; asked < mailRequests.perAddress; asked++) await ask(flooding, `user${asked}@example.com`)
    for (let asked = 0; asked < 10; asked++)
      await expect(ask(flooding, 'owner@example.com')).rejects.toMatchObject({ status: 429 })

    await expect(ask(other, 'owner@example.com')).resolves.toBeUndefined()
  })

  it('is forgotten after its window without waiting for whoever counts', async () => {
    await flood('owner@example.com', 1)
    w.clock.advance(attempts.windowMs)
    const [holds, release] = [latch(), latch()]
    const counting = w.services.db.asIdentity(async (db) => {
      await db.rows(`select key from sign_in_attempts where key = 'overall' for update`, [])
      holds.resolve()
      await release.promise
    })
    await holds.promise
    await forgetOldSessions(w.services)

    expect(await counts()).toEqual({ overall: 1 })
    release.resolve()
    await counting
  })
})

describe('the list of sessions', () => {
  it('says by what each was begun and where it is, and ends all others at once', async () => {
    const other = await atSignIn()
    await enter(other)
    const browser = w.panel.browser(w.people.owner.cookie)
    const list = await browser.get('/profile/sessions')
    expect(list.text).toContain('This machine')
    expect(list.text).toContain('Password')
    expect(list.text).toContain('Sign out everywhere else')

    const ended = await browser.post('/profile/sessions', { _method: 'delete' })
    expect(ended.status).toBe(303)
    expect((await other.get('/profile')).status).toBe(303)
    const after = await browser.get('/profile/sessions')
    expect([after.status, after.text.includes('Sign out everywhere else')]).toEqual([200, false])
    expect((await browser.post('/profile/sessions', { _method: 'delete' })).status).toBe(303)
  })

  it.each([
    ['192.168.1.7', 'Local network'],
    ['::ffff:10.0.0.1', 'Local network'],
    ['fe80::1%eth0', 'Local network'],
    ['fd12::1', 'Local network'],
    ['127.0.0.1', 'This machine'],
    ['::1', 'This machine'],
    ['203.0.113.9', null],
    ['2001:db8::1', null],
    ['nonsense', null],
    ['', null],
    [null, null],
  ])('says of %s: %s', (ip, place) => {
    expect(placeOf(ip)).toBe(place)
  })
})

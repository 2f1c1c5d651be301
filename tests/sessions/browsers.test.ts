import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { makeResetLink, resetPassword } from '../../server/password-resets/password-resets.js'
import { Secret } from '../../server/platform/secret.js'
import { tellOfBrowsers } from '../../server/sessions/browsers.js'
import { forgetOldSessions } from '../../server/sessions/ending.js'
import { isToldOf } from '../../server/sessions/rules.js'
import { days, minutes } from '../support/clock.js'
import { type MailWorld, mailWorld, setMail } from '../support/mail-world.js'
import { type Browser, startTestPanel, type TestPanel } from '../support/panel.js'
import { password } from '../support/people.js'

const another = 'another walk, this time uphill'
const firefox = 'Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0'

describe('a browser that was not seen before', () => {
  let w: MailWorld
  let panel: TestPanel
  const signIn = async (browser: Browser = panel.browser(), name = 'owner', userAgent = firefox, text = password) => {
    await browser.get('/sign-in')
    const fields = { email: `${name}@example.com`, password: text }
    expect((await browser.post('/sign-in', fields, { 'user-agent': userAgent })).status).toBe(303)
    return browser
  }
  const tell = async () => {
    await tellOfBrowsers(w.services, new AbortController().signal)
    return w.deliver()
  }

  beforeAll(async () => {
    w = await mailWorld()
    panel = await startTestPanel(w)
  })
  beforeEach(async () => {
    await w.reset()
    // Nobody here is new.
    await w.test.query("update users set created_at = created_at - interval '1 year'")
  })
  afterAll(async () => {
    await panel.close()
    await w.close()
  })

  it('is told of by mail: which, from where and when, and where to look', async () => {
    await signIn()
    const [mail, ...more] = await tell()

    expect(more).toEqual([])
    expect(mail).toMatchObject({ to: ['owner@example.com'], email: { subject: 'A sign-in from a new browser' } })
    expect(mail?.email.text).toMatch(/Browser: Firefox on Linux\nAddress: 127\.0\.0\.1\nWhen: 2026-05-04 12:00 UTC/)
    expect(w.link().href).toBe(`${w.services.config.baseUrl.origin}/profile/sessions`)
  })

  it('is not told of twice, also after signing out and from another address', async () => {
    const browser = await signIn()
    await browser.get('/profile')
    await browser.post('/sign-out', {})
    await signIn(browser)

    expect(await tell()).toHaveLength(1)
  })

  it('SE-03: is new again once the password was chosen anew by a link, whoever had it before', async () => {
    const browser = await signIn()
    expect(await tell()).toHaveLength(1)
    const link = new URL((await makeResetLink(w.services, 'owner@example.com')).reveal())
    const token = link.searchParams.get('token') ?? ''
    await resetPassword(w.services, { token, password: new Secret(another) })
    await tell()

    await signIn(browser, 'owner', firefox, another)
    expect((await tell()).map(({ email }) => email.subject)).toContain('A sign-in from a new browser')
  })

  it('is new to each person that signs in with it', async () => {
    const browser = await signIn()
    await browser.get('/profile')
    await browser.post('/sign-out', {})
    await signIn(browser, 'viewer')

    // Both at one instant of the test's clock, so in either order.
    expect((await tell()).map(({ to }) => to[0]).sort()).toEqual(['owner@example.com', 'viewer@example.com'])
  })

  it('is known by a cookie that no script reads, of which only a hash is kept, and which lets nobody in', async () => {
    const browser = await signIn()
    const value = browser.cookie('hostler-browser') ?? ''

    expect(Buffer.from(value, 'base64url')).toHaveLength(32)
    const [row] = await w.test.query<{ id_hash: Buffer }>('select id_hash from known_browsers')
    expect(row?.id_hash.toString('base64url')).not.toBe(value)
    expect((await panel.browser(`hostler-browser=${value}`).get('/profile')).status).toBe(303)
  })

  it('gets another cookie where it brings one that was not ours', async () => {
    const browser = await signIn(panel.browser('hostler-browser=planted'))

    expect(browser.cookie('hostler-browser')).not.toBe('planted')
    expect(await tell()).toHaveLength(1)
  })

  it('XT-12: is called unknown where it gives itself a name that mail makes a link of', async () => {
    await signIn(panel.browser(), 'owner', 'evil.example/1.0')

    expect((await tell())[0]?.email.text).toContain('Browser: Unknown')
  })

  it('is not told of where the panel sends no mail, and nothing is left over for later', async () => {
    const { config, mail } = w.services
    Object.assign(w.services, { mail: { ...mail, isSet: false } })
    await signIn()
    await tell()
    Object.assign(w.services, { config, mail })
    setMail(w.services, w.sink.url)

    expect(await tell()).toEqual([])
  })

  it('is told of by one of several workers', async () => {
    await signIn()

    await Promise.all([1, 2, 3].map(() => tellOfBrowsers(w.services, new AbortController().signal)))

    expect(await w.deliver()).toHaveLength(1)
  })

  it('is forgotten a year after it was used last', async () => {
    await signIn()
    w.clock.advance(days(365) + 1)
    await forgetOldSessions(w.services)

    expect(await w.test.query('select 1 from known_browsers')).toEqual([])
  })
})

describe('whether somebody is told of a new browser', () => {
  const now = new Date('2026-05-04T12:00:00Z')
  const ago = (ms: number) => new Date(now.getTime() - ms)

  it.each([
    ['of the one that they signed up with', minutes(5), [], false],
    ['of the first that was noticed of somebody who is here for long', days(90), [], true],
    ['of a second one on the first day', minutes(5), [minutes(4)], true],
    ['of the fifth in a day', days(9), [1, 2, 3, 4].map(minutes), true],
    ['of the sixth in a day', days(9), [1, 2, 3, 4, 5].map(minutes), false],
    ['of the sixth in two days', days(9), [1, 2, 3, 4, 60 * 24].map(minutes), true],
  ])('%s', (_, since, others, isTold) => {
    expect(isToldOf({ personSince: ago(since), others: others.map(ago), now })).toBe(isTold)
  })
})

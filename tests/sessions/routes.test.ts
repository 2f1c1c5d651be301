import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { Browser } from '../support/panel.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import { password } from '../support/people.js'

const baseUrl = new URL('https://panel.example.com')
const enter = { email: 'owner@example.com', password, next: '' }

describe('the sign-in page', () => {
  let w: PanelWorld
  const atSignIn = async (): Promise<Browser> => {
    const browser = w.panel.browser()
    await browser.get('/sign-in')
    return browser
  }

  beforeAll(async () => {
    w = await panelWorld({ config: { baseUrl, dataFolder: '/nonexistent', isProduction: false, leaseSeconds: 30 } })
  })
  beforeEach(() => w.reset())
  afterAll(() => w.close())

  it('SE-02: gives a __Host- cookie that scripts and other sites cannot read', async () => {
    const answer = await (await atSignIn()).post('/sign-in', enter)

    expect(answer.status).toBe(303)
    const cookie = answer.headers.getSetCookie().find((line) => line.startsWith('__Host-session='))
    expect(cookie).toMatch(/^__Host-session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Secure; Max-Age=2592000$/)
  })

  it('SE-01: never goes on with a session id that the browser brought', async () => {
    const planted = `__Host-session=${'A'.repeat(43)}`
    const browser = w.panel.browser(planted)
    await browser.get('/sign-in')
    await browser.post('/sign-in', enter)

    expect(browser.cookie('__Host-session')).toMatch(/^[\w-]{43}$/)
    expect(browser.cookie('__Host-session')).not.toBe('A'.repeat(43))
    expect((await w.panel.browser(planted).get('/profile')).status).toBe(303)
  })

  it('SE-03: is where signing out leads, and the old cookie opens nothing', async () => {
    const browser = w.panel.browser(w.people.owner.cookie)
    await browser.get('/profile')
    const answer = await browser.post('/sign-out', {})

    expect(answer.headers.get('location')).toBe('/sign-in')
    const again = await w.panel.browser(w.people.owner.cookie).get('/profile')
    expect(again.headers.get('location')).toBe('/sign-in?next=%2Fprofile')
  })

  it('SE-07: shows the same page for an unknown address and a wrong password', async () => {
    const answers = []
    for (const email of ['nobody@example.com', 'owner@example.com']) {
      const answer = await (await atSignIn()).post('/sign-in', { ...enter, email, password: 'wrong' })
      answers.push({ status: answer.status, text: mask(answer.text).replaceAll(email, 'EMAIL') })
    }

    expect(answers[0]?.status).toBe(422)
    expect(answers[0]).toEqual(answers[1])
    expect(answers[0]?.text).toContain('The address or the password is not right')
  })

  it.each([
    '//evil.example',
    '/\\evil.example',
    'https:evil.example',
    'https://evil.example/',
    '%2f%2fevil.example',
    '/\t/evil.example',
    'javascript:alert(1)',
    '\\\\evil.example',
    '/..//evil.example',
  ])('CS-09: stays on our own origin after next=%j', async (next) => {
    const shown = await w.panel.browser().get(`/sign-in?next=${encodeURIComponent(next)}`)
    const answer = await (await atSignIn()).post('/sign-in', { ...enter, next })

    expect(shown.text).toContain('name="next" value="/"')
    expect(answer.headers.get('location')).toBe('/')
  })

  it('CS-09: leads on to the page that was asked for', async () => {
    const next = '/teams/acme/members?x=1'
    const answer = await (await atSignIn()).post('/sign-in', { ...enter, next })

    expect(answer.headers.get('location')).toBe(next)
  })

  it.each([
    ['/sign-in', { ...enter }],
    ['/sign-out', {}],
    ['/setup', { name: 'Eve', email: 'eve@example.com', password, team: 'Evil', token: 'x' }],
  ])('CS-06: refuses %s from another site', async (path, fields) => {
    const browser = w.panel.browser(w.people.owner.cookie)
    await browser.get('/profile')

    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { origin: 'https://evil.example' }, { origin: 'null' }])
      expect((await browser.post(path, fields, headers)).status).toBe(403)
    expect((await browser.post(path, { ...fields, _csrf: '' })).status).toBe(403)
    expect((await browser.get('/profile')).status).toBe(200)
  })

  it('CS-02: takes no token of another session, and none from before the sign-in', async () => {
    const browser = await atSignIn()
    const before = (await browser.get('/sign-in')).csrf
    await browser.post('/sign-in', enter)
    const other = (await w.panel.browser(w.people.admin.cookie).get('/profile')).csrf

    expect((await browser.get('/profile')).csrf).not.toBe(before)
    for (const token of [before, other])
      expect((await browser.post('/profile', { _method: 'patch', name: 'Eve', _csrf: token })).status).toBe(403)
    expect((await browser.post('/profile', { _method: 'patch', name: 'Ada' })).status).toBe(303)
  })

  it('SE-05: makes nothing of strange fields', async () => {
    for (const email of ['owner@example.com\r\nX: y', '__proto__', 'a=b&tfa_verified=1', 'x'.repeat(300)])
      expect((await (await atSignIn()).post('/sign-in', { ...enter, email })).status).toBe(422)
  })

  it('SE-09: takes no host from the request into any link', async () => {
    const headers = { 'x-forwarded-host': 'evil.example', forwarded: 'host=evil.example' }
    const browser = await atSignIn()
    const answer = await browser.post('/sign-in', enter, headers)

    expect(answer.headers.get('location')).toBe('/')
    expect((await browser.get('/profile', headers)).text).not.toContain('evil.example')
  })

  it('SE-12: answers 413 to a password of ten megabytes, before any hashing', async () => {
    const answer = await (await atSignIn()).post('/sign-in', { ...enter, password: 'x'.repeat(10_000_000) })

    expect(answer.status).toBe(413)
    expect(await w.test.query('select 1 from sign_in_attempts')).toEqual([])
  })

  it('lists sessions by browser and signs another one out', async () => {
    const elsewhere = await atSignIn()
    await elsewhere.post('/sign-in', enter, { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/130.0 <b>' })
    const browser = w.panel.browser(w.people.owner.cookie)
    const list = await browser.get('/profile/sessions')
    const target = /action="(\/profile\/sessions\/[\w-]+)"/.exec(list.text)?.[1] ?? ''

    expect(list.text).toContain('Firefox on Linux')
    expect(list.text).not.toContain('<b>')
    expect((await browser.post(target, { _method: 'delete' })).status).toBe(303)
    expect((await elsewhere.get('/profile')).status).toBe(303)
  })
})

/** What differs in each answer by design: nonces, tokens. */
const mask = (html: string): string => html.replace(/[\w-]{32,}/g, 'TOKEN')

import { generateSync } from 'otplib'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { minutes } from '../support/clock.js'
import { withApp } from '../support/factors.js'
import type { Browser } from '../support/panel.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import { password } from '../support/people.js'

let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(() => w.reset())
afterAll(() => w.close())

/** A browser in which the owner has given the password alone. */
async function half(next = ''): Promise<Browser> {
  const browser = w.panel.browser()
  await browser.get('/sign-in')
  await browser.post('/sign-in', { email: 'owner@example.com', password, next })
  return browser
}

const placeOf = ({ status, headers }: { status: number; headers: Headers }) => [status, headers.get('location')]

describe('the page of the second factor', () => {
  it('is where every page leads after the password, and leads on to what was asked for', async () => {
    const app = await withApp(w, 'owner')
    const browser = await half()

    expect(placeOf(await browser.get('/profile'))).toEqual([303, '/sign-in/factor?next=%2Fprofile'])
    expect((await browser.get('/sign-in/factor?next=%2Fprofile')).text).toContain('Signing in as Owner')
    const done = await browser.post('/sign-in/factor', { code: app.code(), next: '/profile' })
    expect(placeOf(done)).toEqual([303, '/profile'])
    expect((await browser.get('/profile')).status).toBe(200)
  })

  it('SE-01: gives a new session id; the one of before is dead', async () => {
    const app = await withApp(w, 'owner')
    const browser = await half()
    const before = browser.cookie('hostler-session')
    await browser.get('/sign-in/factor')
    await browser.post('/sign-in/factor', { code: app.code() })

    expect(browser.cookie('hostler-session')).not.toBe(before)
    const old = w.panel.browser(`hostler-session=${before}`)
    expect(placeOf(await old.get('/profile'))).toEqual([303, '/sign-in?next=%2Fprofile'])
    expect(placeOf(await old.get('/sign-in/factor'))).toEqual([303, '/sign-in?next=%2Fsign-in%2Ffactor'])
  })

  it('shows a wrong code again in its field, and keeps where to go', async () => {
    await withApp(w, 'owner')
    const browser = await half()
    await browser.get('/sign-in/factor')
    for (const code of ['000000', 'no code', '<b>', '']) {
      const answer = await browser.post('/sign-in/factor', { code, next: '/profile' })
      expect(answer.status).toBe(422)
      expect(answer.text).toContain('name="next" value="/profile"')
    }
  })

  it('can be left, and is then over', async () => {
    await withApp(w, 'owner')
    const browser = await half()
    const cookie = `hostler-session=${browser.cookie('hostler-session')}`
    await browser.get('/sign-in/factor')

    expect(placeOf(await browser.post('/sign-in/factor', { _method: 'delete' }))).toEqual([303, '/sign-in'])
    const told = await w.test.query(`select actor_name, data from events where type = 'session.ended'`)
    expect(told).toMatchObject([{ actor_name: 'Owner', data: { why: 'no second factor was given' } }])
    expect(placeOf(await w.panel.browser(cookie).get('/sign-in/factor'))).toEqual([
      303,
      '/sign-in?next=%2Fsign-in%2Ffactor',
    ])
  })

  it('is over after ten minutes', async () => {
    const app = await withApp(w, 'owner')
    const browser = await half()
    await browser.get('/sign-in/factor')
    w.clock.advance(minutes(10))

    expect(placeOf(await browser.post('/sign-in/factor', { code: app.code() }))).toEqual([303, '/sign-in'])
  })

  it('MF-03: is no way around it: no name, no password and no key after the password alone', async () => {
    await withApp(w, 'owner')
    const browser = await half()
    await browser.get('/sign-in/factor')
    const cookie = `hostler-session=${browser.cookie('hostler-session')}`
    const body = JSON.stringify({ name: 'x', role: 'viewer', lifetime: '30' })
    const json = { cookie, 'content-type': 'application/json' }

    expect(placeOf(await browser.post('/profile', { _method: 'patch', name: 'Eve' }))).toEqual([303, '/sign-in/factor'])
    const change = { _method: 'put', current: password, password: 'another walk along it' }
    expect(placeOf(await browser.post('/profile/password', change))).toEqual([303, '/sign-in/factor'])
    const key = await fetch(`${w.panel.url}/api/v1/teams/acme/api-keys`, { method: 'POST', headers: json, body })
    expect(key.status).toBe(401)
    expect((await fetch(`${w.panel.url}/api/v1/teams`, { headers: { cookie } })).status).toBe(401)
    expect(placeOf(await browser.post('/sign-out', {}))).toEqual([303, '/sign-in/factor'])
  })

  it('SE-07: tells nobody without the password that there is a second factor', async () => {
    await withApp(w, 'owner')
    const answers: string[] = []
    for (const email of ['owner@example.com', 'admin@example.com']) {
      const browser = w.panel.browser()
      await browser.get('/sign-in')
      answers.push((await browser.post('/sign-in', { email, password: 'wrong' })).text.replace(email, ''))
    }

    const masked = answers.map((text) => text.replaceAll(/[\w-]{32,}/g, ''))
    expect(masked[0]).toBe(masked[1])
  })
})

describe('setting up a second factor', () => {
  it('shows the secret once, and the recovery codes once', async () => {
    const browser = w.panel.browser(w.people.owner.cookie)
    await browser.get('/profile/sign-in')
    const begun = await browser.post('/profile/sign-in/app', {})
    const secret = (/<code>([A-Z2-7 ]{39})<\/code>/.exec(begun.text)?.[1] ?? '').replaceAll(' ', '')
    expect(begun.status).toBe(201)
    expect(begun.text).toContain('<svg class="qr"')

    const refused = await browser.post('/profile/sign-in/app', { _method: 'put', code: '000000' })
    expect(refused.status).toBe(422)
    expect(refused.text).not.toContain(secret.slice(0, 4))
    const code = generateSync({ secret, epoch: w.clock.now().getTime() / 1000 })
    const done = await browser.post('/profile/sign-in/app', { _method: 'put', code })
    const codes = done.text.match(/<li><code>[\w-]{19}<\/code>/g) ?? []
    expect([done.status, codes.length]).toEqual([200, 10])

    const later = await browser.get('/profile/sign-in')
    expect(later.text).toContain('10 of 10 are left')
    expect(later.text).not.toContain(codes[0])
  })

  it.each([
    ['POST', '/profile/sign-in/app', ''],
    ['DELETE', '/profile/sign-in/app', 'delete'],
    ['POST', '/profile/sign-in/recovery-codes', ''],
  ])('MF-05: asks for the password and the factor again before %s %s', async (_method, path, method) => {
    const app = await withApp(w, 'owner')
    const browser = w.panel.browser(w.people.owner.cookie)
    await browser.get('/profile/sign-in')
    const fields: Record<string, string> = method === '' ? {} : { _method: method }
    const act = () => browser.post(path, fields, { referer: 'http://localhost:3000/profile/sign-in' })

    expect(placeOf(await act())).toEqual([303, '/profile/proof?next=%2Fprofile%2Fsign-in&both=yes'])
    const asked = await browser.get('/profile/proof?next=%2Fprofile%2Fsign-in&both=yes')
    expect(asked.text).toContain('Nothing was changed yet')
    const next = '/profile/sign-in'
    expect((await browser.post('/profile/proof', { code: app.code(), next })).status).toBe(303)
    expect((await act()).headers.get('location')).toContain('/profile/proof')
    expect(placeOf(await browser.post('/profile/proof', { password, next }))).toEqual([303, next])
    expect((await act()).headers.get('location') ?? '').not.toContain('/profile/proof')
  })

  it('refuses an API key of the same person', async () => {
    const headers = { authorization: `Bearer ${w.people.owner.apiKey}` }

    expect((await fetch(`${w.panel.url}/api/v1/profile/sign-in`, { headers })).status).toBe(403)
  })
})

describe('a proof', () => {
  it('is not given by a wrong password, a wrong code or nothing', async () => {
    await withApp(w, 'owner')
    const browser = w.panel.browser(w.people.owner.cookie)
    await browser.get('/profile/proof')
    for (const fields of [{}, { password: 'wrong' }, { code: '000000' }, { password, code: '000000' }])
      expect((await browser.post('/profile/proof', fields)).status).toBe(422)

    const away = await browser.post('/profile/proof', { password, next: 'https://evil.example/' })
    expect(placeOf(away)).toEqual([303, '/profile'])
  })
})

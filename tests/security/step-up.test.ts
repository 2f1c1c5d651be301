import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { minutes } from '../support/clock.js'
import { withApp } from '../support/factors.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { password, type World, world } from '../support/people.js'
import { entrances, nameOf, writing } from './entrances.js'

/** Whoever does one of these is asked who they are once more. An act that is as grave belongs in here, and gets `stepUp`. */
const grave: readonly (readonly [RegExp, why: string])[] = [
  [
    /^page POST \/(sign-in-connections\/:connection|sign-in\/(github|google))\/links$/,
    'opens another way in, which stays',
  ],
  [/^page DELETE \/profile\/identities\//, 'changes how somebody signs in'],
  [/^page POST \/operator\/support-grants\/:grant\/entrance$/, 'opens the rooms of others'],
  [/^page (POST|PUT|PATCH|DELETE) \/profile\/sign-in\//, 'changes how somebody signs in'],
  [/^page PUT \/profile\/(password|email)$/, 'changes how somebody signs in'],
  [/^(page|api) POST .*\/api-keys$/, 'opens another way in, which stays'],
  [/^page POST .*\/api-keys\/:key\/rotations$/, 'opens another way in, which stays'],
  [/^(page|api) POST .*\/directory-tokens(\/:token\/rotations)?$/, 'lets a directory say who is in the team'],
  [/^(page|api) (POST|PATCH|DELETE) .*\/sign-in-connections(\/:connection)?$/, 'says whom to believe who somebody is'],
  [/^(page|api) (PUT|DELETE) .*\/sign-in-requirement$/, 'lets everybody in by less'],
  [/^(page|api) PUT .*\/sign-in-rules$/, 'lets everybody in with less'],
  [/^page POST \/teams\/:team\/(deletion|ownership)$/, 'takes the team away'],
]

describe('a grave act', () => {
  it('asks who is there again, and nothing else does', () => {
    const asking = entrances.filter(({ route }) => route.options.stepUp !== undefined).map(nameOf)
    const expected = writing.map(nameOf).filter((name) => grave.some(([pattern]) => pattern.test(name)))

    expect(asking.sort()).toEqual(expected.sort())
    for (const [pattern] of grave) expect(expected.filter((name) => pattern.test(name))).not.toEqual([])
  })
})

describe('being asked again', () => {
  let w: World
  let panel: TestPanel
  beforeAll(async () => {
    w = await world()
    panel = await startTestPanel(w)
  })
  beforeEach(() => w.reset())
  afterAll(async () => {
    await panel.close()
    await w.close()
  })
  const keysOf = () => w.test.query(`select id from api_keys where name = 'CI'`)
  const fields = { name: 'CI', role: 'viewer', lifetime: '30' }
  const referer = 'http://localhost:3000/teams/acme/api-keys'

  it('does not happen within ten minutes of signing in', async () => {
    const browser = panel.browser(w.people.owner.cookie)
    await browser.get('/teams/acme/api-keys')
    w.clock.advance(minutes(9.9))

    expect((await browser.post('/teams/acme/api-keys', fields)).status).toBe(201)
  })

  it('happens after ten: nothing is done, the form says how to go on, and what was typed stays', async () => {
    const browser = panel.browser(w.people.owner.cookie)
    await browser.get('/teams/acme/api-keys')
    w.clock.advance(minutes(10))
    const answer = await browser.post('/teams/acme/api-keys', fields, { referer })

    expect([answer.status, await keysOf()]).toEqual([403, []])
    expect(answer.text).toContain('Confirm that it is you, then do this again')
    expect(answer.text).toContain('href="/profile/proof?next=%2Fteams%2Facme%2Fapi-keys"')
    expect(answer.text).toContain('value="CI"')

    const asked = await browser.get('/profile/proof?next=%2Fteams%2Facme%2Fapi-keys')
    expect(asked.status).toBe(200)
    const given = await browser.post('/profile/proof', { password, next: '/teams/acme/api-keys' })
    expect([given.status, given.headers.get('location')]).toEqual([303, '/teams/acme/api-keys'])
    expect((await browser.post('/teams/acme/api-keys', fields)).status).toBe(201)
  })

  it('sends a part of a page to the same place, and never to another host', async () => {
    const browser = panel.browser(w.people.owner.cookie)
    await browser.get('/profile/sign-in')
    w.clock.advance(minutes(10))
    const ask = (headers: Record<string, string>) => browser.post('/profile/sign-in/app', {}, headers)

    const part = await ask({ 'hx-request': 'true', 'hx-current-url': 'http://localhost:3000/profile/sign-in?a=1' })
    expect(part.headers.get('hx-redirect')).toBe('/profile/proof?next=%2Fprofile%2Fsign-in%3Fa%3D1&both=yes')
    const elsewhere = await ask({ referer: 'https://evil.example/profile' })
    expect(elsewhere.headers.get('location')).toBe('/profile/proof?both=yes')
  })

  it('takes a code in place of the password, once', async () => {
    const app = await withApp(w, 'owner')
    const browser = panel.browser(w.people.owner.cookie)
    await browser.get('/teams/acme/api-keys')
    const code = app.code()

    expect((await browser.post('/teams/acme/api-keys', fields)).status).toBe(403)
    expect((await browser.post('/profile/proof', { code })).status).toBe(303)
    expect((await browser.post('/teams/acme/api-keys', fields)).status).toBe(201)
    expect((await browser.post('/profile/proof', { code })).status).toBe(422)
  })

  it('is of one session: another one of the same person is asked for itself', async () => {
    const other = panel.browser()
    await other.get('/sign-in')
    await other.post('/sign-in', { email: 'owner@example.com', password })
    w.clock.advance(minutes(11))
    const browser = panel.browser(w.people.owner.cookie)
    await browser.get('/profile/proof')
    await browser.post('/profile/proof', { password })

    await other.get('/teams/acme/api-keys')
    expect((await other.post('/teams/acme/api-keys', fields)).status).toBe(403)
    await browser.get('/teams/acme/api-keys')
    expect((await browser.post('/teams/acme/api-keys', fields)).status).toBe(201)
  })

  it('is told to an API client with a session in JSON, and refuses a key whatever it may do', async () => {
    w.clock.advance(minutes(10))
    const { cookie, csrfToken, apiKey } = w.people.owner
    const ask = async (headers: Record<string, string>) => {
      const url = `${panel.url}/api/v1/teams/acme/api-keys`
      const body = JSON.stringify(fields)
      const answer = await fetch(url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', ...headers },
      })
      return [answer.status, await answer.text()]
    }

    expect(await ask({ cookie, 'x-csrf-token': csrfToken })).toEqual([
      403,
      expect.stringContaining('Confirm that it is you'),
    ])
    expect(await ask({ authorization: `Bearer ${apiKey}` })).toEqual([
      403,
      expect.stringContaining('An API key cannot do this'),
    ])
    expect(await keysOf()).toEqual([])
  })

  it('counts wrong passwords as a sign-in does', async () => {
    const browser = panel.browser(w.people.owner.cookie)
    await browser.get('/profile/proof')
    const answers: number[] = []
    for (let guess = 0; guess < 11; guess++)
      answers.push((await browser.post('/profile/proof', { password: `wrong ${guess}` })).status)

    expect(answers.at(-1)).toBe(429)
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { passkeysFault } from '../../server/factors/passkeys/rules.js'
import { type Authenticator, authenticator, type Bent } from '../support/authenticator.js'
import { minutes } from '../support/clock.js'
import type { Browser } from '../support/panel.js'
import { type PanelWorld, panelWorld } from '../support/panel-world.js'
import { type Name, password } from '../support/people.js'

let w: PanelWorld
beforeAll(async () => {
  w = await panelWorld()
})
beforeEach(() => w.reset())
afterAll(() => w.close())

const challengeAt = async (browser: Browser, path: string): Promise<{ challenge: string }> =>
  JSON.parse((await browser.post(path, {})).text)

/** Somebody who has added a passkey in the browser that they are signed in with. */
async function withPasskey(name: Name): Promise<{ browser: Browser; key: ReturnType<typeof authenticator> }> {
  const browser = w.panel.browser(w.people[name].cookie)
  const key = authenticator()
  await browser.get('/profile/sign-in')
  const response = key.make(await challengeAt(browser, '/profile/sign-in/passkey-challenges'))
  const answer = await browser.post('/profile/sign-in/passkeys', { name: 'My <b>laptop', response })
  expect([answer.status, answer.text.match(/<li><code>/g)?.length]).toEqual([200, 10])
  return { browser, key }
}

async function atSignIn(): Promise<Browser> {
  const browser = w.panel.browser()
  await browser.get('/sign-in')
  return browser
}

async function half(): Promise<Browser> {
  const browser = await atSignIn()
  await browser.post('/sign-in', { email: 'owner@example.com', password })
  await browser.get('/sign-in/factor')
  return browser
}

/** Where each way in asks for a challenge, and takes the answer. */
const ways = [
  ['passwordless', atSignIn, '/sign-in/passkey-challenges', '/sign-in/passkey'],
  ['second factor', half, '/sign-in/factor/passkey-challenges', '/sign-in/factor/passkey'],
] as const

describe.each(ways)('a passkey as %s', (_kind, begin, challenges, taken) => {
  const enter = async (key: Authenticator, bent?: Bent) => {
    const browser = await begin()
    const response = key.use(await challengeAt(browser, challenges), bent)
    return { browser, response, answer: await browser.post(taken, { response, next: '/profile' }) }
  }

  it('signs its person in, under a new session id (SE-01)', async () => {
    const { key } = await withPasskey('owner')
    const { browser, answer } = await enter(key)

    expect([answer.status, answer.headers.get('location')]).toEqual([303, '/profile'])
    expect((await browser.get('/profile')).text).toContain('owner@example.com')
    const told = await w.test.query('select 1 from known_browsers where user_id = $1', [w.people.owner.id])
    expect(told, 'what the mail about a new browser tells of').toHaveLength(1)
  })

  it.each<[string, Bent]>([
    ['made at another origin', { origin: 'https://evil.example' }],
    ['for another name', { rpId: 'evil.example' }],
    ['without its user verified', { isUserVerified: false }],
    ['of another challenge', { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
    ['of another kind', { type: 'webauthn.create' }],
    ['of a counter that went back', { counter: 1 }],
    ['with the signature of another key', { key: authenticator().key }],
    ['of a credential that is not here', { id: authenticator().id }],
  ])('MF-06: is refused %s', async (_why, bent) => {
    const { key } = await withPasskey('owner')
    await enter(key)
    const { answer, browser } = await enter(key, bent)

    expect(answer.status).toBe(422)
    expect(answer.text).toContain('This passkey was not accepted')
    expect((await browser.get('/profile')).status).toBe(303)
  })

  it('MF-06: is refused with a challenge that was used before, in the same browser or in another', async () => {
    const { key } = await withPasskey('owner')
    const { response } = await enter(key)

    for (const browser of [await begin(), await begin()])
      expect((await browser.post(taken, { response })).status).toBe(422)
    const [mine, theirs] = [await begin(), await begin()]
    const stolen = key.use(await challengeAt(mine, challenges))
    expect((await theirs.post(taken, { response: stolen })).status).toBe(422)
    expect((await mine.post(taken, { response: stolen })).status).toBe(303)
  })

  it('is refused when its challenge is over', async () => {
    const { key } = await withPasskey('owner')
    const browser = await begin()
    const response = key.use(await challengeAt(browser, challenges))
    w.clock.advance(minutes(5))

    expect((await browser.post(taken, { response })).status).toBe(422)
  })

  it.each(['', 'nonsense', '{}', '{"id":1}', '[]', 'null', '{"id":"a","rawId":"a","type":"public-key","response":{}}'])(
    'answers %s with 422',
    async (response) => {
      await withPasskey('owner')
      expect((await (await begin()).post(taken, { response })).status).toBe(422)
    },
  )
})

describe('a passkey', () => {
  it('MF-06: of somebody else is no second factor and no proof', async () => {
    await withPasskey('owner')
    const { key } = await withPasskey('admin')
    const browser = await half()
    const response = key.use(await challengeAt(browser, '/sign-in/factor/passkey-challenges'))
    expect((await browser.post('/sign-in/factor/passkey', { response })).status).toBe(422)

    const signedIn = w.panel.browser(w.people.owner.cookie)
    await signedIn.get('/profile/proof')
    const proof = key.use(await challengeAt(signedIn, '/profile/proof/passkey-challenges'))
    expect((await signedIn.post('/profile/proof/passkey', { response: proof })).status).toBe(422)
  })

  it('LG-06: that is refused as a second factor or a proof is told of', async () => {
    await withPasskey('owner')
    const { key } = await withPasskey('admin')
    const browser = await half()
    const response = key.use(await challengeAt(browser, '/sign-in/factor/passkey-challenges'))
    await browser.post('/sign-in/factor/passkey', { response })

    const told = await w.test.query(`select actor_name, data from events where type = 'factor.refused'`)
    expect(told).toMatchObject([{ actor_name: 'Owner', data: { by: 'passkey' } }])
  })

  it('is not blamed for a database that is away', async () => {
    const { key } = await withPasskey('owner')
    const browser = await atSignIn()
    const response = key.use(await challengeAt(browser, '/sign-in/passkey-challenges'))
    await w.test.query('alter table passkey_challenges rename to away')
    const { status } = await browser
      .post('/sign-in/passkey', { response })
      .finally(() => w.test.query('alter table away rename to passkey_challenges'))

    expect(status).toBe(500)
  })

  it('signs nobody in who is disabled', async () => {
    const { key } = await withPasskey('owner')
    await w.test.query('update users set disabled_at = now() where id = $1', [w.people.owner.id])
    const browser = await atSignIn()
    const response = key.use(await challengeAt(browser, '/sign-in/passkey-challenges'))

    expect((await browser.post('/sign-in/passkey', { response })).status).toBe(422)
  })

  it('SE-07: is asked for without telling who has one', async () => {
    await withPasskey('owner')

    expect(await challengeAt(await atSignIn(), '/sign-in/passkey-challenges')).toMatchObject({ allowCredentials: [] })
  })

  it('is a second factor from then on; the password alone is half a sign-in', async () => {
    await withPasskey('owner')

    expect((await (await half()).get('/profile')).headers.get('location')).toBe('/sign-in/factor?next=%2Fprofile')
  })

  it('MF-05: is added and removed only after password and factor', async () => {
    const { browser, key } = await withPasskey('owner')
    w.clock.advance(minutes(11))
    const [row] = await w.test.query<{ id: string }>('select id from passkeys')
    const remove = () => browser.post(`/profile/sign-in/passkeys/${row?.id}`, { _method: 'delete' })

    const asked = await browser.post('/profile/sign-in/passkey-challenges', {}, { 'hx-request': 'true' })
    expect([asked.status, asked.headers.get('hx-redirect')]).toEqual([403, '/profile/proof?both=yes'])
    await browser.get('/profile/proof?both=yes')
    const response = key.use(await challengeAt(browser, '/profile/proof/passkey-challenges'))
    const first = await browser.post('/profile/proof/passkey', { response, both: 'yes', next: '/profile/sign-in' })
    expect(first.headers.get('location')).toBe('/profile/proof?both=yes&next=%2Fprofile%2Fsign-in')
    expect((await remove()).headers.get('location')).toBe('/profile/proof?both=yes')
    await browser.post('/profile/proof', { password })
    expect((await remove()).headers.get('location')).toBe('/profile/sign-in')
    expect(await w.test.query('select 1 from passkeys union all select 1 from recovery_codes')).toEqual([])
    expect((await remove()).status).toBe(404)
  })

  it('has a name and a time of its last use, and is nobody else’s to touch', async () => {
    const { browser, key } = await withPasskey('owner')
    const list = await browser.get('/profile/sign-in')
    expect(list.text).toContain('My &lt;b&gt;laptop')
    expect(list.text).toContain('never')
    const path = /action="(\/profile\/sign-in\/passkeys\/[\w-]+)"/.exec(list.text)?.[1] ?? ''

    const stranger = w.panel.browser(w.people.stranger.cookie)
    await stranger.get('/profile/sign-in')
    for (const fields of [{ _method: 'delete' }, { _method: 'patch', name: 'x' }])
      expect((await stranger.post(path, fields as Record<string, string>)).status).toBe(404)
    expect((await browser.post(path, { _method: 'patch', name: '' })).status).toBe(422)
    expect((await browser.post(path, { _method: 'patch', name: 'Desk' })).status).toBe(303)
    const visitor = await atSignIn()
    const response = key.use(await challengeAt(visitor, '/sign-in/passkey-challenges'))
    await visitor.post('/sign-in/passkey', { response })
    const after = (await visitor.get('/profile/sign-in')).text
    expect(after).toContain('value="Desk"')
    expect(after).not.toContain('never')
  })

  it('is added once', async () => {
    const { browser, key } = await withPasskey('owner')
    const response = key.make(await challengeAt(browser, '/profile/sign-in/passkey-challenges'))

    const again = await browser.post('/profile/sign-in/passkeys', { name: 'again', response })
    expect([again.status, again.text.includes('This passkey is here already')]).toEqual([422, true])
  })

  it.each<[string, Bent]>([
    ['at another origin', { origin: 'https://evil.example' }],
    ['for another name', { rpId: 'evil.example' }],
    ['without its user verified', { isUserVerified: false }],
    ['for another challenge', { challenge: 'AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' }],
  ])('MF-06: is not added when it was made %s', async (_why, bent) => {
    const browser = w.panel.browser(w.people.owner.cookie)
    await browser.get('/profile/sign-in')
    const response = authenticator().make(await challengeAt(browser, '/profile/sign-in/passkey-challenges'), bent)

    expect((await browser.post('/profile/sign-in/passkeys', { name: 'x', response })).status).toBe(422)
    expect(await w.test.query('select 1 from passkeys')).toEqual([])
  })

  it.each([
    ['https://panel.example.com', null],
    ['http://localhost:3000', null],
    ['http://panel.example.com', 'HTTPS'],
    ['https://192.0.2.1', 'a name'],
    ['https://[2001:db8::1]', 'a name'],
  ])('can be made for a panel at %s or says why not', (url, why) => {
    expect(passkeysFault(new URL(url)) ?? '').toContain(why ?? '')
    expect(passkeysFault(new URL(url)) === null).toBe(why === null)
  })
})

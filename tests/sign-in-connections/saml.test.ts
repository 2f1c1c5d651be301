import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { paths } from '../../server/paths.js'
import type { Browser, Page } from '../support/panel.js'
import {
  answerOf,
  assertionOf,
  type How,
  metadataOf,
  partsFor,
  requestIn,
  responseOf,
  type SamlKey,
  type SamlParts,
  samlKey,
  signed,
} from '../support/saml-provider.js'
import {
  begin,
  comeBack,
  connectBySaml,
  leadsTo,
  refusals,
  type SignInWorld,
  signInWorld,
} from '../support/sign-in-world.js'
import { wrapped } from '../support/xsw.js'

const sha1 = {
  algorithm: 'http://www.w3.org/2000/09/xmldsig#rsa-sha1',
  digest: 'http://www.w3.org/2000/09/xmldsig#sha1',
}

describe('signing in by SAML', () => {
  let w: SignInWorld
  let key: SamlKey
  let other: SamlKey
  let id: string
  let browser: Browser

  beforeAll(async () => {
    w = await signInWorld()
    ;[key, other] = [samlKey(), samlKey()]
  })
  beforeEach(async () => {
    await w.reset()
    id = await connectBySaml(w, metadataOf(key))
    browser = w.panel.browser()
    await w.know(id, 'ada', 'admin')
    await w.know(id, 'mallory', 'viewer')
  })
  afterAll(() => w.close())

  type Make = (parts: SamlParts) => string
  const request = async () => requestIn(await begin(browser, id))
  /** As another site's form is sent: without our cookies. */
  const post = (xml: string, relayState: string) =>
    fetch(`${w.panel.url}${paths.signInBySaml(id)}`, {
      ...{
        method: 'POST',
        redirect: 'manual',
        headers: { origin: 'https://idp.example.com', 'sec-fetch-site': 'cross-site' },
      },
      body: new URLSearchParams({ SAMLResponse: Buffer.from(xml).toString('base64'), RelayState: relayState }),
    })
  async function answer(make: Make): Promise<Response> {
    const asked = await request()
    return post(make(partsFor(asked, 'ada')), asked.relayState)
  }
  async function followed(taken: Response): Promise<Page> {
    expect(taken.status).toBe(303)
    return comeBack(browser, new URL(taken.headers.get('location') ?? '', w.panel.url))
  }
  const isSignedIn = async () => (await browser.get(paths.team('acme'))).status === 200

  it('lets in by a signed assertion, also in a signed response', async () => {
    expect((await followed(await answer((parts) => answerOf(parts, key)))).status).toBe(303)
    expect(await isSignedIn()).toBe(true)
    const both: Make = (parts) => signed(answerOf(parts, key), 'Response', key)
    expect((await followed(await answer(both))).status).toBe(303)
    const [row] = await w.test.query(`select data from events where type = 'session.started'`)
    expect(row).toMatchObject({ data: { by: 'saml' } })
  })

  const late = new Date(Date.now() - 3600_000)
  const soon = new Date(Date.now() + 3600_000)
  const as =
    (changes: Partial<SamlParts>, how: How = {}): Make =>
    (parts) =>
      answerOf({ ...parts, ...changes }, key, how)

  it.each<[string, Make]>([
    ['that nobody signed', (parts) => responseOf(parts, assertionOf(parts))],
    ['whose response alone is signed', (parts) => signed(responseOf(parts, assertionOf(parts)), 'Response', key)],
    ['signed with another key', (parts) => answerOf(parts, other)],
    ['signed with another key, whose certificate it brings', (parts) => answerOf(parts, other, { withKeyInfo: true })],
    ['signed with SHA-1', as({}, sha1)],
    ['whose digest is SHA-1', as({}, { digest: sha1.digest })],
    ['changed after it was signed', (parts) => answerOf(parts, key).replace('>ada<', '>mallory<')],
    ['with a comment in the name', (parts) => answerOf(parts, key).replace('>ada<', '>ad<!-- -->a<')],
    ['for another audience', as({ audience: 'https://other.example.com' })],
    ['for another recipient', as({ recipient: 'https://other.example.com/saml' })],
    ['sent to another destination', as({ destination: 'https://other.example.com/saml' })],
    ['of another issuer', as({ issuer: 'https://evil.example.com' })],
    ['that is over', as({ notBefore: late, notOnOrAfter: new Date(late.getTime() + 60_000) })],
    ['that is not good yet', as({ notBefore: soon, notOnOrAfter: new Date(soon.getTime() + 60_000) })],
    ['to no request', as({ inResponseTo: null })],
    ['to another request', as({ inResponseTo: '_another' })],
    [
      'to another request inside',
      (parts) => responseOf(parts, signed(assertionOf({ ...parts, inResponseTo: '_b' }), 'Assertion', key)),
    ],
    ['with a passing name', as({ format: 'urn:oasis:names:tc:SAML:2.0:nameid-format:transient' })],
    ['with a DTD', (parts) => `<!DOCTYPE a [<!ENTITY b "c">]>${answerOf(parts, key)}`],
    [
      'with an outer entity',
      (parts) => `<!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">]>${answerOf({ ...parts, subject: '&b;' }, key)}`,
    ],
    ['that is no XML', () => 'nonsense'],
    ['that is empty', () => ''],
  ])('SO-01: lets nobody in by an answer %s', async (_what, make) => {
    const taken = await answer(make)

    expect(taken.status).toBe(403)
    expect(await isSignedIn()).toBe(false)
    expect(await refusals(w)).toEqual(['not-proven'])
  })

  it('SO-01: lets nobody be somebody else by wrapping what was signed (XSW1 to 8)', async () => {
    const asked = await request()
    const parts = partsFor(asked, 'mallory')
    const response = signed(responseOf(parts, assertionOf(parts)), 'Response', key)
    const both = signed(answerOf(parts, key), 'Response', key)
    const forged = {
      ...wrapped({ response, answer: answerOf(parts, key), parts }, 'ada'),
      ...prefixed(wrapped({ response: both, answer: answerOf(parts, key), parts }, 'ada')),
    }

    for (const [what, xml] of Object.entries(forged)) {
      expect(xml, what).toContain('>ada<')
      expect([what, (await post(xml, asked.relayState)).status]).toEqual([what, 403])
    }
    expect(await refusals(w)).toEqual(Object.keys(forged).map(() => 'not-proven'))
    expect((await post(answerOf(parts, key), asked.relayState)).status).toBe(303)
  })
  const prefixed = (all: Record<string, string>) =>
    Object.fromEntries(Object.entries(all).map(([what, xml]) => [`both signed, ${what}`, xml]))

  it('SO-01: takes an answer once, in its own browser, and never without a request', async () => {
    const asked = await request()
    const xml = answerOf(partsFor(asked, 'ada'), key)
    const taken = await post(xml, asked.relayState)
    expect((await post(xml, asked.relayState)).status).toBe(403)

    const back = new URL(taken.headers.get('location') ?? '', w.panel.url)
    expect((await comeBack(w.panel.browser(), back)).status).toBe(403)
    expect((await comeBack(browser, back)).status).toBe(303)
    expect((await comeBack(browser, back)).status).toBe(403)
    expect((await post(xml, asked.relayState)).status).toBe(403)
    expect((await post(xml, 'https://evil.example.com')).status).toBe(403)
    expect(await refusals(w)).toEqual(Array.from({ length: 5 }, () => 'not-begun-here'))
  })

  it('SO-01: reads no answer of 5 MB', async () => {
    const taken = await answer((parts) => answerOf({ ...parts, attributes: { name: 'a'.repeat(5_000_000) } }, key))

    expect(taken.status).toBe(413)
    expect(await isSignedIn()).toBe(false)
  })

  it('SO-02: an answer of one connection is none of another', async () => {
    const asked = await request()
    const second = await connectBySaml(w, metadataOf(key), 'Second')
    const taken = await fetch(`${w.panel.url}${paths.signInBySaml(second)}`, {
      ...{ method: 'POST', redirect: 'manual' },
      body: new URLSearchParams({
        ...{
          SAMLResponse: Buffer.from(answerOf(partsFor(asked, 'ada'), key)).toString('base64'),
          RelayState: asked.relayState,
        },
      }),
    })

    expect(taken.status).toBe(403)
  })

  it('takes both certificates while the provider changes its key, and then only the new one', async () => {
    const owner = w.panel.browser(w.people.owner.cookie)
    const renew = async (metadata: string) => {
      await owner.get(paths.signInConnection('acme', id))
      return owner.post(paths.signInConnection('acme', id), { _method: 'patch', metadata })
    }

    expect((await renew(metadataOf(key, other))).status).toBe(303)
    expect((await answer((parts) => answerOf(parts, other))).status).toBe(303)
    expect((await answer((parts) => answerOf(parts, key))).status).toBe(303)
    expect((await renew(metadataOf(other))).status).toBe(303)
    const told = await w.test.query(
      `select data from events where type = 'sign-in-connection.changed' order by sequence`,
    )
    const print = (count: number) => expect.stringMatching(new RegExp(`^\\w{16}( \\w{16}){${count - 1}}$`))
    expect(told).toMatchObject([
      { data: { before: { certificates: print(1) }, after: { certificates: print(2) } } },
      { data: { before: { certificates: print(2) }, after: { certificates: print(1) } } },
    ])
    expect((await answer((parts) => answerOf(parts, key))).status).toBe(403)
    expect((await renew(metadataOf(other).replace('idp.example', 'evil.example'))).status).toBe(422)
    expect((await renew('http://10.0.0.1/metadata')).status).toBe(422)
    expect((await renew(`<!DOCTYPE a [<!ENTITY b "c">]>${metadataOf(other)}`)).status).toBe(422)
  })

  it('tells the provider who we are, and sends along a word that is no address', async () => {
    const asked = await request()
    const xml = await (await fetch(`${w.panel.url}${paths.signInByMetadata(id)}`)).text()

    expect(asked.relayState).toMatch(/^[\w-]{43}$/)
    expect(xml).toContain(`entityID="${asked.issuer}"`)
    expect(xml).toContain(`Location="${asked.acs}"`)
  })

  it('is tried without changing anything', async () => {
    const owner = w.panel.browser(w.people.owner.cookie)
    await owner.get(paths.signInConnection('acme', id))
    const asked = requestIn(leadsTo(await owner.post(paths.signInTrials('acme', id), {})))
    const taken = await post(
      answerOf({ ...partsFor(asked, 'new'), attributes: { email: 'new@example.com' } }, key),
      asked.relayState,
    )

    const page = await comeBack(owner, new URL(taken.headers.get('location') ?? '', w.panel.url))

    expect(page.text).toContain('new@example.com')
    expect(await w.test.query(`select 1 from identities where subject = 'new'`)).toEqual([])
  })
})

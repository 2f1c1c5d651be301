import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkCertificate, refuseHalfChain } from '../../server/domains/certificates/own-rules.js'
import { Secret } from '../../server/platform/secret.js'
import { lockKey, type Made, makeCertificate } from '../support/certificates.js'
import { days } from '../support/clock.js'
import { makeSite } from '../support/make.js'
import type { Name } from '../support/people.js'
import { type SiteWorld, siteWorld } from '../support/site-world.js'

const name = 'www.example.com'
const ca = makeCertificate({ isCa: true })
const leaf = makeCertificate({ names: [name], by: ca })
const now = new Date(Date.now() + 60_000)

const check = (chain: string, key: string, asked = name, at = now) =>
  checkCertificate({ chain, privateKey: new Secret(key) }, asked, at)

describe('a certificate from elsewhere', () => {
  it('is taken with its chain, whatever stands around it', () => {
    const { chain, issuer, endsAt } = check(
      `Bag Attributes\n${leaf.certificate}\n\n# who signed it\r\n${ca.certificate}`,
      leaf.key,
    )

    expect(chain.match(/BEGIN CERTIFICATE/g)).toHaveLength(2)
    expect(chain).not.toContain('Bag')
    expect(issuer).toBe('Test, Test CA')
    expect(endsAt.getTime()).toBeGreaterThan(now.getTime() + days(89))
  })

  it('is taken for a wildcard if it is one, and for a name below it', () => {
    const wild = makeCertificate({ names: ['*.example.com'] })

    expect(check(wild.certificate, wild.key, '*.example.com').issuer).toBe('Test, *.example.com')
    expect(check(wild.certificate, wild.key, 'a.example.com').issuer).toBe('Test, *.example.com')
    expect(() => check(leaf.certificate, leaf.key, '*.example.com')).toThrow('is not for *.example.com')
    expect(() => check(wild.certificate, wild.key, 'example.com')).toThrow(
      'is not for example.com, but for *.example.com',
    )
  })

  const other = makeCertificate({ names: [name] })
  it.each<[string, () => unknown, string, string]>([
    ['no PEM', () => check('nonsense', leaf.key), 'chain', 'Paste the certificate as PEM'],
    ['half of one', () => check(leaf.certificate.replace(/\n.{64}\n/, '\n'), leaf.key), 'chain', 'cannot be read'],
    [
      'its key in the same field',
      () => check(leaf.certificate + leaf.key, leaf.key),
      'chain',
      'A private key is in here',
    ],
    ['no key', () => check(leaf.certificate, 'nonsense'), 'privateKey', 'Paste the private key as PEM'],
    [
      'the certificate as its key',
      () => check(leaf.certificate, leaf.certificate),
      'privateKey',
      'Paste the private key',
    ],
    ['a key with a passphrase', () => check(leaf.certificate, lockKey(leaf.key)), 'privateKey', 'has a passphrase'],
    ['the key of another', () => check(leaf.certificate, other.key), 'privateKey', 'does not belong'],
    [
      'a chain in the wrong order',
      () => check(ca.certificate + leaf.certificate, ca.key),
      'chain',
      'was not signed by',
    ],
    ['a chain of strangers', () => check(leaf.certificate + other.certificate, leaf.key), 'chain', 'was not signed by'],
    ['one that has ended', () => check(leaf.certificate, leaf.key, name, later(91)), 'chain', 'has ended on'],
    ['one that begins later', () => check(leaf.certificate, leaf.key, name, later(-1)), 'chain', 'begins on'],
    [
      'one for another name',
      () => check(leaf.certificate, leaf.key, 'x.test'),
      'chain',
      `not for x.test, but for ${name}`,
    ],
    ['a short key', () => ofKind('rsa:1024'), 'privateKey', 'too short'],
    ['a kind that browsers do not take', () => ofKind('ed25519'), 'privateKey', 'RSA and elliptic curve'],
  ])('is refused as %s', (_, act, field, why) => {
    expect(act).toThrow(expect.objectContaining({ field, message: expect.stringContaining(why) }))
  })

  const later = (many: number) => new Date(now.getTime() + days(many))
  const ofKind = (kind: 'rsa:1024' | 'ed25519') => {
    const made: Made = makeCertificate({ names: [name], kind })
    return check(made.certificate, made.key)
  }
})

describe('a chain', () => {
  const middle = makeCertificate({ names: ['Middle CA'], isCa: true, by: ca })
  const leaf = makeCertificate({ names: [name], by: middle })
  const refuse = (made: readonly Made[], roots: readonly Made[] = []) =>
    refuseHalfChain(made.map(({ certificate }) => certificate).join(''), [
      ...roots.map(({ certificate }) => certificate),
    ])

  it.each([
    ['with the root of a company’s own', [leaf, middle, ca], []],
    ['up to a root that browsers know', [leaf, middle], [ca]],
    ['that is one certificate which signs itself', [makeCertificate({ names: [name] })], []],
  ])('is taken %s', (_, made, roots) => {
    expect(() => refuse(made, roots)).not.toThrow()
  })

  it.each([
    ['whose intermediate is missing', [leaf], [ca], 'second is missing, that of “Test, Middle CA”'],
    ['whose root nobody knows', [leaf, middle], [], 'third is missing, that of “Test, Test CA”'],
    [
      'whose root only has the name of one that browsers know',
      [leaf, middle],
      [makeCertificate({ isCa: true })],
      'third is missing, that of “Test, Test CA”',
    ],
  ])('is refused %s', (_, made, roots, why) => {
    expect(() => refuse(made, roots)).toThrow(
      expect.objectContaining({ field: 'chain', message: expect.stringContaining(why) }),
    )
  })
})

describe('the certificate that somebody gives a domain', () => {
  let w: SiteWorld
  let here: string
  beforeAll(async () => {
    w = await siteWorld()
    w.clock.advance(now.getTime() - w.clock.now().getTime())
  }, 30_000)
  afterAll(() => w.close())
  beforeEach(async () => {
    await w.reset()
    await makeSite(w.test, w.server, w.acme, { slug: 'shop', name: 'shop', edge: 'caddy' })
    const { domain } = (await w.api('developer', 'POST', '/sites/shop/domains', { name })).json
    here = `/sites/shop/domains/${domain.id}`
  })

  const whole = { ...leaf, certificate: leaf.certificate + ca.certificate }
  const give = (made: Made, who: Name = 'developer') =>
    w.api(who, 'PUT', `${here}/certificate`, { chain: made.certificate, privateKey: made.key })

  it('is on its page with who gave it, and its key is shown to nobody and sealed', async () => {
    const answer = await give(whole)
    const page = await w.browser('owner').get(`/teams/acme${here}`)
    const [row] = await w.test.query('select * from own_certificates')

    expect(answer).toMatchObject({ status: 200, json: { own: { issuer: 'Test, Test CA', givenBy: 'seeded' } } })
    expect(page.text).toContain('Test, Test CA')
    const secret = leaf.key.split('\n')[1] ?? 'no key'
    for (const shown of [
      answer.text,
      page.text,
      JSON.stringify(row),
      JSON.stringify(await w.test.query('select data from events')),
    ])
      expect(shown).not.toContain(secret)
  })

  it('is refused beside the field without what browsers need to trust it', async () => {
    const refused = await give(leaf)

    expect(refused).toMatchObject({ status: 422, json: { errors: [{ field: 'chain' }] } })
    expect(refused.text).toContain('is missing')
  })

  it('is refused beside the field, and the key is not in the form again', async () => {
    const browser = w.browser('developer')
    await browser.get(`/teams/acme${here}`)
    const body = { _method: 'put', chain: leaf.certificate, privateKey: makeCertificate({ names: ['x.test'] }).key }

    const refused = await browser.post(`/teams/acme${here}/certificate`, body)

    expect(refused.status).toBe(422)
    expect(refused.text).toContain('The key does not belong')
    expect(refused.text).not.toContain(body.privateKey.split('\n')[1])
    expect(await w.test.query('select domain_id from own_certificates')).toEqual([])
  })

  it('is one for each domain, and gone by a button', async () => {
    const revision = async () => (await w.test.query('select revision from fronts'))[0]?.revision as number
    const before = await revision()
    await give(whole)
    await give(makeCertificate({ names: [name] }))

    expect(await w.test.query('select issuer from own_certificates')).toEqual([{ issuer: `Test, ${name}` }])
    expect((await w.api('developer', 'DELETE', `${here}/certificate`)).status).toBe(204)
    expect((await w.api('developer', 'DELETE', `${here}/certificate`)).status).toBe(404)
    expect((await w.api('viewer', 'GET', here)).json.own).toBeNull()
    expect(await revision()).toBe(before + 3)
  })

  it('is for developers, and not there for strangers', async () => {
    expect((await give(whole, 'viewer')).status).toBe(403)
    expect((await give(whole, 'stranger')).status).toBe(404)
    expect((await w.browser('viewer').get(`/teams/acme${here}`)).text).not.toContain('Private key')
  })
})

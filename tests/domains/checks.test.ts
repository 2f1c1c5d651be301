import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkDomainsHandler } from '../../jobs/domains/check-domains.js'
import { challengePath } from '../../server/domains/challenge.js'
import { takeDueDomains } from '../../server/domains/checks.js'
import { caaIssuersOf } from '../../server/domains/dns/issuers.js'
import { isPublicAddress } from '../../server/platform/outbound/addresses.js'
import { type DnsServer, startDnsServer } from '../support/dns-server.js'
import { makeSite } from '../support/make.js'
import { type SiteWorld, siteWorld } from '../support/site-world.js'

let w: SiteWorld
let dns: DnsServer
const here = '/sites/shop/domains'
/** What answers on port 80 of the server; the path decides. */
const answers = new Map<string, string>()
const edge = createServer((request, response) => {
  const body = answers.get(`${request.headers.host}${request.url}`)
  response.writeHead(body === undefined ? 404 : 200).end(body ?? `You asked for ${request.url}`)
})

beforeAll(async () => {
  w = await siteWorld()
  dns = await startDnsServer()
  await new Promise<void>((resolve) => edge.listen(0, '127.0.0.1', () => resolve()))
  const webPorts = { http: (edge.address() as AddressInfo).port, https: 1 }
  Object.assign(w.services, { config: { ...w.services.config, resolvers: [dns.address], webPorts } })
}, 30_000)
afterAll(async () => {
  edge.close()
  await dns.stop()
  await w.close()
})
beforeEach(async () => {
  await w.reset()
  dns.zone = {}
  answers.clear()
  await makeSite(w.test, w.server, w.acme, { slug: 'shop', name: 'shop', edge: 'caddy' })
})

const add = async (name: string) => (await w.api('developer', 'POST', here, { name })).json.domain.id as string
const show = async (id: string) => (await w.api('viewer', 'GET', `${here}/${id}`)).json
const runChecks = () => checkDomainsHandler.run({}, { services: w.services, signal: new AbortController().signal })

describe('the check of domains', () => {
  it('makes a name the site’s when its TXT record is there, and tells what else is wrong', async () => {
    const id = await add('www.example.com')
    const before = await show(id)
    dns.zone = {
      '_hostler.www.example.com': { TXT: [before.proof.value] },
      'www.example.com': { A: ['198.51.100.7'] },
    }

    await runChecks()

    const { domain } = await show(id)
    expect(before.domain).toMatchObject({ isChecking: true, state: 'unverified' })
    expect(domain).toMatchObject({ isChecking: false, state: 'waiting', verifiedBy: 'dns' })
    expect(domain.findings.map(({ title }: { title: string }) => title)).toEqual([
      'It is proven by DNS',
      'The proof at _hostler.www.example.com is there',
      'www.example.com points elsewhere: 198.51.100.7',
    ])
    const page = await w.browser('viewer').get(`/teams/acme${here}/${id}`)
    expect(page.text).toContain('points elsewhere: 198.51.100.7')
  })

  it('makes a name the site’s when our edge answers by it', async () => {
    const id = await add('www.example.com')
    const { proof } = await show(id)
    dns.zone = { 'www.example.com': { A: ['127.0.0.1'] } }
    answers.set(`www.example.com${challengePath(id)}`, proof.value.replace('hostler=', ''))

    await runChecks()

    const titles = async () => (await show(id)).domain.findings.map(({ title }: { title: string }) => title)
    expect((await show(id)).domain).toMatchObject({ verifiedBy: 'http' })
    // Nobody is asked for a record that is not needed, now or later.
    expect(await titles()).toEqual([
      'It is proven: our edge answers by this name',
      expect.stringContaining('www.example.com points at'),
    ])
    await w.api('developer', 'POST', `${here}/${id}/check`)
    await runChecks()
    expect(await titles()).toEqual([expect.stringContaining('www.example.com points at')])
  })

  it.each([
    ['a page that repeats the address', (id: string) => challengePath(id)],
    ['a longer answer', (_id: string, token: string) => `${token} and more`],
    ['nothing', () => ''],
  ])('takes %s for no proof', async (_name, body) => {
    const id = await add('www.example.com')
    const token = (await show(id)).proof.value.replace('hostler=', '')
    dns.zone = { 'www.example.com': { A: ['127.0.0.1'] } }
    answers.set(`www.example.com${challengePath(id)}`, body(id, token))

    await runChecks()

    expect((await show(id)).domain).toMatchObject({ state: 'unverified', verifiedBy: null })
  })

  it.each([
    ['SF-01: a private address', { A: ['10.0.0.1'] }],
    ['SF-01: this machine, by another address', { A: ['127.0.0.2'] }],
    ['SF-03: a public address and a private one', { A: ['127.0.0.1', '10.0.0.1'] }],
    ['SF-01: a mapped address', { AAAA: ['64:ff9b::7f00:1'] }],
  ])('%s is not asked', async (_name, records) => {
    const id = await add('www.example.com')
    const { proof } = await show(id)
    answers.set(`www.example.com${challengePath(id)}`, proof.value.replace('hostler=', ''))
    dns.zone = { 'www.example.com': records }

    await runChecks()

    expect((await show(id)).domain.state).toBe('unverified')
  })

  it('RC-04: proves nothing by another team’s record', async () => {
    const id = await add('www.example.com')
    const proof = (await show(id)).proof.value
    await w.api('developer', 'DELETE', `${here}/${id}`)
    await w.test.query("delete from sites where slug = 'shop'")
    await makeSite(w.test, w.server, w.rival, { slug: 'shop', edge: 'caddy' })
    dns.zone = { '_hostler.www.example.com': { TXT: [proof] } }
    const stranger = { authorization: `Bearer ${w.people.stranger.apiKey}`, 'content-type': 'application/json' }
    const url = `${w.panel.url}/api/v1/teams/rival${here}`
    await fetch(url, { method: 'POST', headers: stranger, body: JSON.stringify({ name: 'www.example.com' }) })

    await runChecks()

    const [row] = await w.test.query('select verified_at, findings from domains')
    expect(row?.verified_at).toBeNull()
    expect(JSON.stringify(row?.findings)).toContain('not the one that proves the name')
  })

  it('is asked for by a button, once, and shows that it is under way', async () => {
    const id = await add('www.example.com')
    await runChecks()
    const browser = w.browser('developer')
    await browser.get(`/teams/acme${here}/${id}`)

    w.clock.advance(1000)
    const asked = await browser.post(`/teams/acme${here}/${id}/check`, {})
    const busy = await browser.get(`/teams/acme${here}/${id}`)
    const again = await w.api('developer', 'POST', `${here}/${id}/check`)
    w.clock.advance(1000)
    await runChecks()

    expect(asked.status).toBe(303)
    expect(busy.text).toContain('DNS is being looked at')
    expect(again.status).toBe(409)
    expect((await show(id)).domain.isChecking).toBe(false)
  })

  it('looks at one of each team first', async () => {
    const rivals = await makeSite(w.test, w.server, w.rival, { slug: 'other', edge: 'caddy' })
    for (let number = 0; number < 5; number++) await add(`w${number}.example.com`)
    w.clock.advance(1000)
    await w.test.query(
      `insert into domains (id, team_id, site_id, name, parent, role, token, check_due_at, created_at)
       values (gen_random_uuid(), $1, $2, 'www.example.org', 'example.org', 'serve', '', $3, $3)`,
      [w.rival.id, rivals.id, w.clock.now()],
    )

    const taken = await takeDueDomains(w.services, 2)

    expect(taken.map(({ name }) => name).sort()).toEqual([expect.stringMatching(/^w\d/), 'www.example.org'])
    expect(await takeDueDomains(w.services, 10)).toHaveLength(4)
    expect(await takeDueDomains(w.services, 10)).toEqual([])
  })

  it('comes round by itself, and not before its time', async () => {
    const id = await add('www.example.com')
    await runChecks()
    const proof = (await show(id)).proof.value
    dns.zone = { '_hostler.www.example.com': { TXT: [proof] } }

    await runChecks()
    expect((await show(id)).domain.state).toBe('unverified')
    w.clock.advance(2 * 60_000)
    await runChecks()

    expect((await show(id)).domain.verifiedBy).toBe('dns')
  })
})

describe('CAA records, by who will have to make the certificate', () => {
  const caaOf = async (id: string, records: readonly string[]) => {
    dns.zone['example.com'] = { CAA: records }
    await runChecks()
    const { findings } = (await show(id)).domain
    return findings.map(({ title }: { title: string }) => title).filter((title: string) => title.includes('CAA'))
  }

  it('allow a name that Caddy gets one for, which asks ZeroSSL after Let’s Encrypt', async () => {
    expect(await caaOf(await add('www.example.com'), ['0 issue sectigo.com'])).toEqual([])
  })

  it('do not allow a wildcard, for which Let’s Encrypt alone is asked', async () => {
    expect(await caaOf(await add('*.example.com'), ['0 issue sectigo.com'])).toEqual([
      'A CAA record only allows sectigo.com to make certificates for *.example.com',
    ])
  })

  it.each([
    [true, ['A CAA record allows nobody to make certificates for *.example.com']],
    [false, []],
  ])('are those of wildcards for a sites domain that has one certificate for all: %s', async (hasOne, found) => {
    const { server } = w
    const sitesDomain = `/servers/${server.slug}/sites-domain`
    await w.api('admin', 'PUT', sitesDomain, { name: 'example.com' })
    const wish = { provider: 'cloudflare', token: 'x' }
    if (hasOne) expect((await w.api('admin', 'PUT', `${sitesDomain}/dns-challenge`, wish)).status).toBe(200)
    dns.zone['example.com'] = { CAA: ['0 issue letsencrypt.org', '0 issuewild ;'] }
    await runChecks()

    const { findings } = (await w.api('admin', 'GET', sitesDomain)).json.sitesDomain
    const titles = findings.map(({ title }: { title: string }) => title)
    expect(titles.filter((title: string) => title.includes('CAA'))).toEqual(found)
  })

  it.each([
    [null, false, ['letsencrypt.org', 'sectigo.com']],
    [null, true, ['letsencrypt.org']],
    ['https://acme-staging-v02.api.letsencrypt.org/directory', false, ['letsencrypt.org']],
    ['https://acme.zerossl.com/v2/DV90', true, ['sectigo.com']],
    ['https://dv.acme-v02.api.pki.goog/directory', false, ['pki.goog']],
    ['https://ca.internal/acme/directory', false, null],
    ['https://notletsencrypt.org/directory', false, null],
  ])('name who %j is, by DNS: %s', (url, byDns, issuers) => {
    expect(caaIssuersOf({ url: url === null ? null : new URL(url), email: null }, byDns)).toEqual(issuers)
  })

  it('name Let’s Encrypt alone where Caddy is told an address to write to', () => {
    expect(caaIssuersOf({ url: null, email: 'ops@example.com' }, false)).toEqual(['letsencrypt.org'])
  })
})

it.each([
  ...['127.0.0.1', '10.1.2.3', '100.64.0.1', '169.254.169.254', '192.168.0.1', '172.16.0.1', '0.0.0.0', '224.0.0.1'],
  ...[
    '::',
    '::1',
    '::ffff:127.0.0.1',
    '64:ff9b::7f00:1',
    'fd00::1',
    'fe80::1',
    '2002:7f00:1::',
    '2001:db8::1',
    'localhost',
    '',
  ],
])('SF-01: %s is no public address', (address) => {
  expect(isPublicAddress(address)).toBe(false)
})

it.each(['1.1.1.1', '100.128.0.1', '2606:4700::1111'])('%s is a public address', (address) => {
  expect(isPublicAddress(address)).toBe(true)
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkDomainsHandler } from '../../jobs/domains/check-domains.js'
import { shownCertificate } from '../../server/domains/certificates/handshake.js'
import { obtainDue } from '../../server/domains/dns-challenges/obtaining.js'
import { makeCertificate } from '../support/certificates.js'
import { days, minutes } from '../support/clock.js'
import { type DnsProgram, startDnsProgram } from '../support/dns-program.js'
import { startResolver } from '../support/dns-server.js'
import { type DomainWorld, domainWorld } from '../support/domain-world.js'
import { needs } from '../support/parts.js'
import { type Pebble, startPebble } from '../support/pebble.js'
import { eventually } from '../support/sites.js'

const name = '*.example.test'
const record = '_acme-challenge.example.test'

describe.skipIf(!needs('caddy', 'pebble', 'openssl'))('the certificate of a wildcard', () => {
  let w: DomainWorld
  let pebble: Pebble
  let program: DnsProgram
  let resolver: Awaited<ReturnType<typeof startResolver>>
  let id: string
  beforeAll(async () => {
    w = await domainWorld()
    w.clock.advance(Date.now() - w.clock.now().getTime())
    await w.test.query(
      "update sessions set created_at = $1, last_seen_at = $1, expires_at = $1::timestamptz + interval '1 day'",
      [w.clock.now()],
    )
    pebble = await startPebble({ webPorts: w.caddy.webPorts, dns: w.dns.address })
    const acme = { url: pebble.url, email: null, rootFile: pebble.rootFile }
    Object.assign(w.services, { config: { ...w.services.config, acme } })
    program = await startDnsProgram(w.dns)
    // Resolvers remember for an hour that a record was not there a moment ago.
    resolver = await startResolver(w.dns)
    Object.assign(w.services, { config: { ...w.services.config, resolvers: [resolver.address], dnsPort: w.dns.port } })
    const soa = 'ns.example.test hostmaster.example.test 1 3600 600 86400 3600'
    for (const apex of ['example.test', 'sites.test']) w.dns.zone[apex] = { NS: ['ns.example.test'], SOA: [soa] }
    w.dns.zone['ns.example.test'] = { A: ['127.0.0.1'] }
    id = await addWildcard()
  }, 30_000)
  afterAll(async () => {
    program?.close()
    await pebble?.stop()
    await resolver?.stop()
    await w?.close()
  })

  async function addWildcard(): Promise<string> {
    const { domain } = (await w.api('POST', '/domains', { name, role: 'serve' })).json
    const { proof } = (await w.api('GET', `/domains/${domain.id}`)).json
    Object.assign(w.dns.zone, { [name]: { A: ['127.0.0.1'] }, [proof.name]: { TXT: [proof.value] } })
    await w.work()
    return domain.id
  }

  const set = (token: string) =>
    w.api('PUT', `/domains/${id}/dns-challenge`, { provider: 'httpreq', apiUrl: program.url, token })
  async function obtain(): Promise<void> {
    // Of one account pebble takes every hundredth name for proven by an order before, also where it is told to take none.
    await w.test.query(
      'delete from acme_accounts where not exists (select from dns_challenges where order_url is not null)',
    )
    await obtainDue(w.services, new AbortController().signal)
  }
  const challenge = async () => (await w.api('GET', `/domains/${id}`)).json.dnsChallenge

  it('says what is in the way, keeps nothing of it, and is tried again later', async () => {
    expect((await set('dns:wrong')).status).toBe(200)
    await obtain()
    expect((await challenge()).fault).toContain('does not accept the token')

    program.isWilling = false
    await set(program.login)
    await obtain()
    program.isWilling = true
    const refused = await challenge()
    expect(refused.fault).toBe('A program of your own answered 500')
    expect(Date.parse(refused.nextAt)).toBeGreaterThan(w.clock.now().getTime())
    await obtain()
    expect(program.asked).toEqual([])
  })

  it('is obtained through the record, shown to visitors, and the record is gone', { timeout: 60_000 }, async () => {
    // Whoever looks at once does not find it.
    program.delayMs = 300
    await w.api('POST', `/domains/${id}/dns-challenge/retries`)
    await obtain()
    program.delayMs = 0
    expect(await challenge()).toMatchObject({ fault: null, obtainedAt: expect.any(String) })
    await w.work()

    const shown = await eventually('the certificate', () =>
      shownCertificate(w.at.host, w.caddy.webPorts.https, 'shop.example.test'),
    )
    expect(shown).toMatchObject({ isForName: true })
    // The first takes away what the attempt before may have left.
    expect(program.asked).toEqual([`/cleanup ${record}.`, `/present ${record}.`, `/cleanup ${record}.`])
    expect(w.dns.zone[record]).toEqual({ TXT: [] })
    const { own, dnsChallenge } = (await w.api('GET', `/domains/${id}`)).json
    expect(own).toMatchObject({ source: 'dns', issuer: expect.stringContaining('Pebble') })
    const [begins, ends, next] = [own.beginsAt, own.endsAt, dnsChallenge.nextAt].map(Date.parse) as [
      number,
      number,
      number,
    ]
    expect(next).toBe(Math.round(begins + ((ends - begins) * 2) / 3))
  })

  it('is renewed at two thirds of its life; what a lost worker left in DNS goes', { timeout: 60_000 }, async () => {
    const before = (await w.api('GET', `/domains/${id}`)).json.own.endsAt
    w.dns.zone[record] = { TXT: ['left by a lost worker', 'of somebody else'] }
    await w.test.query("update dns_challenges set record_value = 'left by a lost worker', due_at = $1", [w.clock.now()])
    program.asked.length = 0

    await obtain()

    expect(program.asked).toEqual([`/cleanup ${record}.`, `/present ${record}.`, `/cleanup ${record}.`])
    expect(w.dns.zone[record]).toEqual({ TXT: ['of somebody else'] })
    expect(Date.parse((await w.api('GET', `/domains/${id}`)).json.own.endsAt)).toBeGreaterThanOrEqual(
      Date.parse(before),
    )
    await obtain()
    expect(program.asked).toHaveLength(3)
  })

  it('R38: goes on when its renewal fails, which is tried again later', { timeout: 30_000 }, async () => {
    const shown = () => shownCertificate(w.at.host, w.caddy.webPorts.https, 'shop.example.test')
    await w.work()
    const before = await shown()
    program.isWilling = false
    await w.test.query('update dns_challenges set due_at = $1', [w.clock.now()])

    await obtain()
    program.isWilling = true

    const failed = await challenge()
    expect(failed).toMatchObject({ fault: 'A program of your own answered 500', obtainedAt: expect.any(String) })
    expect(Date.parse(failed.nextAt)).toBeGreaterThan(w.clock.now().getTime())
    expect(await w.work()).toEqual([])
    expect(await shown()).toEqual(before)
    expect((await w.api('GET', `/domains/${id}`)).json.own).toMatchObject({ source: 'dns' })
    const page = await w.panel.browser(w.people.developer.cookie).get(`/teams/acme/sites/shop/domains/${id}`)
    expect(page.text).toContain('The one that is there goes on')
  })

  it('is gone on with when DNS shows the record later, and given up after five minutes', {
    timeout: 60_000,
  }, async () => {
    const before = (await w.api('GET', `/domains/${id}`)).json.own.givenAt
    await w.api('POST', `/domains/${id}/dns-challenge/retries`)
    program.asked.length = 0
    program.forgets = () => true
    await obtain()
    expect(await challenge()).toMatchObject({ isWaiting: true, fault: null })
    w.clock.advance(minutes(6))
    await obtain()
    expect(await challenge()).toMatchObject({
      isWaiting: false,
      fault: expect.stringContaining('name servers of the domain do not show it after 5 minutes'),
    })
    // The first takes away what the attempt before may have left.
    const asked = (...acts: string[]) => acts.map((act) => `/${act} ${record}.`)
    expect(program.asked).toEqual(asked('cleanup', 'present', 'cleanup'))

    await w.api('POST', `/domains/${id}/dns-challenge/retries`)
    await obtain()
    const [{ record_value: value } = {}] = await w.test.query('select record_value from dns_challenges')
    program.forgets = () => false
    w.dns.zone[record] = { TXT: [value] }
    w.clock.advance(minutes(1))
    await obtain()
    expect(await challenge()).toMatchObject({ isWaiting: false, fault: null })
    expect(program.asked.slice(3)).toEqual(asked('present', 'cleanup'))
    expect((await w.api('GET', `/domains/${id}`)).json.own.givenAt).not.toBe(before)
  })

  it('is obtained through resolvers where no name server of the domain speaks to us, a minute later', {
    timeout: 30_000,
  }, async () => {
    await w.api('POST', `/domains/${id}/dns-challenge/retries`)
    const before = (await w.api('GET', `/domains/${id}`)).json.own.givenAt
    w.dns.zone['ns.example.test'] = { A: ['127.0.0.9'] }
    await obtain()
    expect(await challenge()).toMatchObject({ isWaiting: true, fault: null })
    w.clock.advance(minutes(1))
    await obtain()
    w.dns.zone['ns.example.test'] = { A: ['127.0.0.1'] }

    expect(await challenge()).toMatchObject({ isWaiting: false, fault: null })
    expect((await w.api('GET', `/domains/${id}`)).json.own.givenAt).not.toBe(before)
  })

  it('is obtained at once when the one that is there is removed', { timeout: 60_000 }, async () => {
    expect((await w.api('DELETE', `/domains/${id}/certificate`)).status).toBe(204)
    await obtain()

    expect((await w.api('GET', `/domains/${id}`)).json.own).toMatchObject({ source: 'dns' })
  })

  it('leaves one that somebody gives meanwhile', { timeout: 60_000 }, async () => {
    await w.api('POST', `/domains/${id}/dns-challenge/retries`)
    const { certificate: chain, key: privateKey } = makeCertificate({ names: [name], begins: w.clock.now() })
    const given: number[] = []
    program.meanwhile = async () => {
      program.meanwhile = async () => undefined
      given.push((await w.api('PUT', `/domains/${id}/certificate`, { chain, privateKey })).status)
    }
    await obtain()

    expect(given).toEqual([200])
    expect((await w.api('GET', `/domains/${id}`)).json).toMatchObject({ own: { source: 'given' }, dnsChallenge: null })
    await set(program.login)
    await obtain()
    expect((await w.api('GET', `/domains/${id}`)).json.own).toMatchObject({ source: 'dns' })
  })

  it('goes on where the token is forgotten; the token is in no answer, event or row', async () => {
    const seen = [
      JSON.stringify((await w.api('GET', `/domains/${id}`)).json),
      (await w.panel.browser(w.people.owner.cookie).get(`/teams/acme/sites/shop/domains/${id}`)).text,
      JSON.stringify(await w.test.query('select * from events')),
      JSON.stringify(await w.test.query('select c.*, d.name from dns_challenges c join domains d on d.id = domain_id')),
    ]
    for (const text of seen) {
      expect(text).toContain('example.test')
      expect(text).not.toContain('canary')
    }

    expect((await w.api('DELETE', `/domains/${id}/dns-challenge`)).status).toBe(200)
    expect((await w.api('GET', `/domains/${id}`)).json).toMatchObject({ dnsChallenge: null, own: { source: 'dns' } })
    w.clock.advance(days(400))
    program.asked.length = 0
    await obtain()
    expect(program.asked).toEqual([])
  })

  it('is for wildcards alone, for who may manage domains, and takes no address inside', async () => {
    const plain = (await w.api('POST', '/domains', { name: 'www.example.com', role: 'serve' })).json.domain.id
    const wish = { provider: 'cloudflare', token: 'x' }

    expect((await w.api('PUT', `/domains/${plain}/dns-challenge`, wish)).status).toBe(409)
    expect((await w.api('PUT', `/domains/${id}/dns-challenge`, wish, 'viewer')).status).toBe(403)
    for (const apiUrl of ['http://169.254.169.254/', 'file:///etc/passwd', undefined])
      expect([
        apiUrl,
        (await w.api('PUT', `/domains/${id}/dns-challenge`, { provider: 'httpreq', token: 'x', apiUrl })).status,
      ]).toEqual([apiUrl, 422])
    // What would not be used is not taken.
    const unused = { provider: 'cloudflare', token: 'x', apiUrl: program.url }
    expect((await w.api('PUT', `/domains/${id}/dns-challenge`, unused)).status).toBe(422)
  })
  it('is one for all sites of a server by its sites domain, and each has it', { timeout: 60_000 }, async () => {
    w.clock.advance(Date.now() - w.clock.now().getTime())
    const here = `/servers/${w.server.slug}/sites-domain`
    const { proof } = (await w.teamApi('PUT', here, { name: 'sites.test' }, 'admin')).json
    Object.assign(w.dns.zone, { '*.sites.test': { A: ['127.0.0.1'] }, [proof.name]: { TXT: [proof.value] } })
    // No more than that: else Caddy is asked for one of the name first, and waited for.
    await checkDomainsHandler.run({}, { services: w.services, signal: new AbortController().signal })
    const wish = { provider: 'httpreq', apiUrl: program.url, token: program.login }

    expect((await w.teamApi('PUT', `${here}/dns-challenge`, wish)).status).toBe(403)
    expect((await w.teamApi('PUT', `${here}/dns-challenge`, wish, 'admin')).status).toBe(200)
    await obtain()
    await w.work()

    const shown = await eventually('the certificate', () =>
      shownCertificate(w.at.host, w.caddy.webPorts.https, 'shop.sites.test'),
    )
    expect(shown).toMatchObject({ isForName: true, issuer: expect.stringContaining('Pebble') })
    expect((await w.teamApi('GET', here)).json).toMatchObject({ own: { source: 'dns' }, dnsChallenge: { fault: null } })
    const names = (await w.api('GET', '/domains')).json.domains
    const given = names.find(({ isGiven }: { isGiven: boolean }) => isGiven)
    expect((await w.api('GET', `/domains/${given.id}`)).json).toMatchObject({
      own: null,
      sitesDomainCertificate: { source: 'dns' },
    })
    // Caddy was asked for none of the name itself.
    expect(JSON.stringify(await w.caddy.config())).not.toMatch(/"subjects":\["[^\]]*shop\.sites\.test/)

    expect((await w.teamApi('DELETE', here, undefined, 'admin')).status).toBe(204)
    await w.work()
    expect(
      await w.test.query(
        'select from own_certificates o join domains d on d.id = o.domain_id where d.server_id is not null',
      ),
    ).toEqual([])
  })
})

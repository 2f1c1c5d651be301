import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shownCertificate } from '../../server/domains/certificates/handshake.js'
import { obtainDue } from '../../server/domains/dns-challenges/obtaining.js'
import { Secret } from '../../server/platform/secret.js'
import { minutes } from '../support/clock.js'
import { type DnsProgram, startDnsProgram } from '../support/dns-program.js'
import { type DomainWorld, domainWorld } from '../support/domain-world.js'
import { needs } from '../support/parts.js'
import { type Pebble, startPebble } from '../support/pebble.js'
import { eventually } from '../support/sites.js'

const externalAccount = { keyId: 'kid-1', key: 'zWNDZM6eQGHWpSRTPal5eIUYFTu7EajVIoguysqZ9wG44nMEtx3MUAsUDkMTQ12W' }

describe.skipIf(!needs('caddy', 'pebble', 'openssl'))('a CA that knows its accounts from elsewhere', () => {
  let w: DomainWorld
  let pebble: Pebble
  let program: DnsProgram
  let id: string
  beforeAll(async () => {
    w = await domainWorld()
    w.clock.advance(Date.now() - w.clock.now().getTime())
    // It looks for TLS-ALPN-01 where nobody answers, so that HTTP-01 alone can prove anything.
    const webPorts = { http: w.caddy.webPorts.http, https: 1 }
    pebble = await startPebble({ webPorts, dns: w.dns.address, externalAccount })
    program = await startDnsProgram(w.dns)
    w.dns.zone = { 'example.test': { NS: ['ns.test'] }, 'ns.test': { A: ['127.0.0.1'] } }
    Object.assign(w.services, { config: { ...w.services.config, dnsPort: w.dns.port } })
    setAccount(null)
    await add('www.example.test')
    id = await add('*.example.test')
  }, 30_000)
  afterAll(async () => {
    program?.close()
    await pebble?.stop()
    await w?.close()
  })

  /** As the operator does, and starts the panel anew. */
  function setAccount(given: typeof externalAccount | null): void {
    const account = given && { keyId: given.keyId, key: new Secret(given.key) }
    const acme = { url: pebble.url, email: null, rootFile: pebble.rootFile, externalAccount: account }
    Object.assign(w.services, { config: { ...w.services.config, acme } })
  }

  async function add(name: string): Promise<string> {
    const { domain } = (await w.api('POST', '/domains', { name, role: 'serve' })).json
    const { proof } = (await w.api('GET', `/domains/${domain.id}`)).json
    Object.assign(w.dns.zone, { [name]: { A: ['127.0.0.1'] }, [proof.name]: { TXT: [proof.value] } })
    return domain.id
  }

  const challenge = async () => (await w.api('GET', `/domains/${id}`)).json.dnsChallenge

  async function obtain(): Promise<void> {
    const wish = { provider: 'httpreq', apiUrl: program.url, token: program.login }
    expect((await w.api('PUT', `/domains/${id}/dns-challenge`, wish)).status).toBe(200)
    await obtainDue(w.services, new AbortController().signal)
  }

  it('gives nothing to a panel that says nothing of an account', async () => {
    expect(await w.work()).toEqual(['succeeded'])
    await obtain()

    expect((await challenge()).fault).toMatch(/The CA gives no certificate: .*external/i)
    const failure = await eventually('a reason on the page', async () => {
      w.clock.advance(minutes(1))
      await w.look()
      const { domains } = (await w.api('GET', '/domains')).json
      return domains.find(({ name }: { name: string }) => name === 'www.example.test').certificate?.hint
    })
    expect(failure).toMatch(/external/i)
  })

  it('gives certificates once it is set, to sites that were set up before, too, and by HTTP-01 alone', {
    timeout: 60_000,
  }, async () => {
    setAccount(externalAccount)
    expect(await w.work()).toEqual(['succeeded'])
    expect(await w.work()).toEqual([])

    const shown = await eventually(
      'the certificate',
      () => shownCertificate(w.at.host, w.caddy.webPorts.https, 'www.example.test'),
      40_000,
    )
    expect(shown).toMatchObject({ isForName: true, issuer: expect.stringContaining('Pebble') })
  })

  it('gives one by DNS, too', { timeout: 30_000 }, async () => {
    await obtain()

    expect((await challenge()).fault).toBeNull()
    expect((await w.api('GET', `/domains/${id}`)).json.own).toMatchObject({ source: 'dns' })
  })

  it('knows the panel as another one by another account', { timeout: 30_000 }, async () => {
    setAccount({ ...externalAccount, keyId: 'kid-2' })
    await obtain()

    expect((await challenge()).fault).toMatch(/The CA gives no certificate/)
    setAccount(externalAccount)
  })

  it('has its key in no event, log, row or answer', async () => {
    const seen = [
      await w.test.query('select * from events'),
      await w.test.query('select * from operation_log'),
      await w.test.query('select * from operation_steps'),
      await w.test.query('select * from fronts'),
      await w.test.query('select * from acme_accounts'),
      (await w.api('GET', '/domains')).json,
    ]
    for (const one of seen) {
      expect(JSON.stringify(one).length).toBeGreaterThan(10)
      expect(JSON.stringify(one)).not.toContain(externalAccount.key.slice(0, 20))
    }
  })
})

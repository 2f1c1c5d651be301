import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shownCertificate } from '../../server/domains/certificates/handshake.js'
import { obtainDue } from '../../server/domains/dns-challenges/obtaining.js'
import { days } from '../support/clock.js'
import { type DomainWorld, domainWorld } from '../support/domain-world.js'
import { needs } from '../support/parts.js'
import { type Pebble, startPebble } from '../support/pebble.js'
import { eventually } from '../support/sites.js'

const name = '*.example.test'
const record = '_acme-challenge.example.test'
const login = 'dns:dns-token-canary'

describe.skipIf(!needs('caddy', 'pebble', 'openssl'))('the certificate of a wildcard', () => {
  let w: DomainWorld
  let pebble: Pebble
  let program: Server
  let id: string
  /** What the program was asked, and whether it does it. */
  const asked: string[] = []
  let isWilling = true
  beforeAll(async () => {
    w = await domainWorld()
    w.clock.advance(Date.now() - w.clock.now().getTime())
    pebble = await startPebble({ webPorts: w.caddy.webPorts, dns: w.dns.address })
    const acme = { url: pebble.url, email: null, rootFile: pebble.rootFile }
    Object.assign(w.services, { config: { ...w.services.config, acme } })
    program = await startProgram()
    id = await addWildcard()
  }, 30_000)
  afterAll(async () => {
    program?.close()
    await pebble?.stop()
    await w?.close()
  })

  /** Sets records as a program of one's own does. */
  async function startProgram(): Promise<Server> {
    const server = createServer(async (req, res) => {
      let text = ''
      for await (const chunk of req.setEncoding('utf8')) text += chunk
      if (req.headers.authorization !== `Basic ${Buffer.from(login).toString('base64')}`)
        return res.writeHead(401).end()
      if (!isWilling) return res.writeHead(500).end('canary of the program')
      const { fqdn, value } = JSON.parse(text)
      asked.push(`${req.url} ${fqdn}`)
      const before = (w.dns.zone[record] as { TXT?: string[] } | undefined)?.TXT ?? []
      const others = before.filter((one) => one !== value)
      w.dns.zone[record] = { TXT: req.url === '/present' ? [...others, value] : others }
      res.end()
    }).listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    return server
  }

  async function addWildcard(): Promise<string> {
    const { domain } = (await w.api('POST', '/domains', { name, role: 'serve' })).json
    const { proof } = (await w.api('GET', `/domains/${domain.id}`)).json
    Object.assign(w.dns.zone, { [name]: { A: ['127.0.0.1'] }, [proof.name]: { TXT: [proof.value] } })
    await w.work()
    return domain.id
  }

  const url = () => `http://127.0.0.1:${(program.address() as AddressInfo).port}`
  const set = (token: string) =>
    w.api('PUT', `/domains/${id}/dns-challenge`, { provider: 'httpreq', apiUrl: url(), token })
  const obtain = () => obtainDue(w.services, new AbortController().signal)
  const challenge = async () => (await w.api('GET', `/domains/${id}`)).json.dnsChallenge

  it('says what is in the way, keeps nothing of it, and is tried again later', async () => {
    expect((await set('dns:wrong')).status).toBe(200)
    await obtain()
    expect((await challenge()).fault).toContain('does not accept the token')

    isWilling = false
    await set(login)
    await obtain()
    isWilling = true
    const refused = await challenge()
    expect(refused.fault).toBe('A program of your own answered 500')
    expect(Date.parse(refused.nextAt)).toBeGreaterThan(w.clock.now().getTime())
    await obtain()
    expect(asked).toEqual([])
  })

  it('is obtained through the record, shown to visitors, and the record is gone', { timeout: 60_000 }, async () => {
    await w.api('POST', `/domains/${id}/dns-challenge/retries`)
    await obtain()
    expect(await challenge()).toMatchObject({ fault: null, obtainedAt: expect.any(String) })
    await w.work()

    const shown = await eventually('the certificate', () =>
      shownCertificate(w.at.host, w.caddy.webPorts.https, 'shop.example.test'),
    )
    expect(shown).toMatchObject({ isForName: true })
    // The first takes away what the attempt before may have left.
    expect(asked).toEqual([`/cleanup ${record}.`, `/present ${record}.`, `/cleanup ${record}.`])
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
    asked.length = 0

    await obtain()

    expect(asked).toEqual([`/cleanup ${record}.`, `/present ${record}.`, `/cleanup ${record}.`])
    expect(w.dns.zone[record]).toEqual({ TXT: ['of somebody else'] })
    expect(Date.parse((await w.api('GET', `/domains/${id}`)).json.own.endsAt)).toBeGreaterThanOrEqual(
      Date.parse(before),
    )
    await obtain()
    expect(asked).toHaveLength(3)
  })

  it('goes on where the token is forgotten; the token is in no answer, event or row', async () => {
    const seen = [
      JSON.stringify((await w.api('GET', `/domains/${id}`)).json),
      (await w.panel.browser(w.people.owner.cookie).get(`/teams/acme/sites/shop/domains/${id}`)).text,
      JSON.stringify(await w.test.query('select * from events')),
      JSON.stringify(await w.test.query('select * from dns_challenges')),
    ]
    for (const text of seen) expect(text).not.toContain('canary')

    expect((await w.api('DELETE', `/domains/${id}/dns-challenge`)).status).toBe(200)
    expect((await w.api('GET', `/domains/${id}`)).json).toMatchObject({ dnsChallenge: null, own: { source: 'dns' } })
    w.clock.advance(days(400))
    asked.length = 0
    await obtain()
    expect(asked).toEqual([])
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
  })
})

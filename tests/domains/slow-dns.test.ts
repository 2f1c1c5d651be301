import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { checkDomainsHandler } from '../../jobs/domains/check-domains.js'
import { obtainCertificatesHandler } from '../../jobs/domains/obtain-certificates.js'
import { obtainCertificates } from '../../server/domains/jobs.js'
import { bullClasses } from '../../server/platform/queue/backend.js'
import { declareJob } from '../../server/platform/queue/job.js'
import { handleJob, startWorkers, type Workers } from '../../server/platform/queue/worker.js'
import { type DnsProgram, startDnsProgram } from '../support/dns-program.js'
import { type DnsServer, startDnsServer } from '../support/dns-server.js'
import { makeServer, makeSite } from '../support/make.js'
import { needs } from '../support/parts.js'
import { type Pebble, startPebble } from '../support/pebble.js'
import type { Name } from '../support/people.js'
import { type SiteWorld, siteWorld } from '../support/site-world.js'

const short = declareJob({ name: 'short-work', payload: {}, lane: 'short', attempts: 1, timeoutMs: 5000 })

describe.skipIf(!needs('pebble', 'openssl'))('a team whose records never come into DNS', () => {
  let w: SiteWorld
  let dns: DnsServer
  let pebble: Pebble
  let program: DnsProgram
  let workers: Workers
  let didShort = 0
  beforeAll(async () => {
    w = await siteWorld()
    w.clock.advance(Date.now() - w.clock.now().getTime())
    const zone = { NS: ['ns.test'] }
    dns = await startDnsServer({ 'example.test': zone, 'never.test': zone, 'ns.test': { A: ['127.0.0.1'] } })
    pebble = await startPebble({ webPorts: { http: 1, https: 1 }, dns: dns.address })
    const acme = { url: pebble.url, email: null, rootFile: pebble.rootFile }
    Object.assign(w.services, { config: { ...w.services.config, resolvers: [dns.address], dnsPort: dns.port, acme } })
    program = await startDnsProgram(dns)
    const handlers = [
      obtainCertificatesHandler,
      handleJob(short, async () => {
        didShort++
      }),
    ]
    workers = startWorkers(w.services, bullClasses({ kind: 'postgres', loginUrl: w.test.loginUrl }), handlers)
  }, 30_000)
  afterAll(async () => {
    await w?.test.query('delete from dns_challenges')
    await workers?.stop()
    program?.close()
    await pebble?.stop()
    await dns?.stop()
    await w?.close()
  }, 30_000)

  // biome-ignore lint/suspicious/noExplicitAny: an answer is what the test says it is
  const send = async (who: Name, method: string, path: string, body?: object): Promise<any> => {
    const response = await fetch(`${w.panel.url}/api/v1/teams/${w.people[who].team?.slug}${path}`, {
      method,
      headers: { authorization: `Bearer ${w.people[who].apiKey}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    return response.json()
  }

  /** Proven, and about to be obtained. */
  async function wildcard(who: Name, name: string): Promise<string> {
    const { domain } = await send(who, 'POST', '/sites/shop/domains', { name, role: 'serve' })
    const { proof } = await send(who, 'GET', `/sites/shop/domains/${domain.id}`)
    dns.zone[proof.name] = { TXT: [proof.value] }
    await checkDomainsHandler.run({}, { services: w.services, signal: new AbortController().signal })
    const wish = { provider: 'httpreq', apiUrl: program.url, token: program.login }
    await send(who, 'PUT', `/sites/shop/domains/${domain.id}/dns-challenge`, wish)
    return domain.id
  }

  it('holds up neither the other work of the panel nor the certificate of another team', {
    timeout: 60_000,
  }, async () => {
    await makeSite(w.test, w.server, w.acme, { slug: 'shop', edge: 'caddy' })
    await makeSite(w.test, await makeServer(w.test, w.rival), w.rival, { slug: 'shop', edge: 'caddy' })
    program.forgets = (name) => name.endsWith('.never.test')
    for (let number = 0; number < 12; number++) await wildcard('developer', `*.w${number}.never.test`)
    await expect.poll(() => program.asked.length, { timeout: 10_000 }).toBeGreaterThan(1)

    await w.services.queue.enqueue(short, {})
    await expect.poll(() => didShort, { timeout: 5000 }).toBe(1)

    const theirs = await wildcard('stranger', '*.example.test')
    const own = async () => (await send('stranger', 'GET', `/sites/shop/domains/${theirs}`)).own
    await expect.poll(own, { timeout: 15_000 }).toMatchObject({ source: 'dns' })

    // Whoever waits is remembered in its row, and no worker sleeps over it.
    const waiting = 'select count(*)::int from dns_challenges where record_value is not null and taken_until is null'
    await expect.poll(async () => (await w.test.query(waiting))[0]?.count, { timeout: 30_000 }).toBeGreaterThan(0)
  })

  it('is one ring for each domain, however often it is asked for', async () => {
    const [row] = await w.test.query<{ domain_id: string }>('select domain_id from dns_challenges limit 1')
    const queue = bullClasses({ kind: 'postgres', loginUrl: w.test.loginUrl }).makeQueue(obtainCertificates.lane)
    await queue.pause()
    const before = await queue.getWaitingCount()
    for (let times = 0; times < 5; times++)
      await send('developer', 'POST', `/sites/shop/domains/${row?.domain_id}/dns-challenge/retries`)
    const after = await queue.getWaitingCount()
    await queue.resume()
    await queue.close()

    expect(after - before).toBeLessThanOrEqual(1)
  })
})

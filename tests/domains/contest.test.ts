import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkDomainsHandler } from '../../jobs/domains/check-domains.js'
import { requestServingHandler } from '../../jobs/domains/request-serving.js'
import { challengePath } from '../../server/domains/challenge.js'
import { checkDomain, takeDueDomains } from '../../server/domains/checks.js'
import { claimName } from '../../server/domains/held.js'
import type { DomainsRow } from '../../server/platform/db/tables.js'
import { parseAllowances } from '../../server/platform/outbound/allowances.js'
import { createOutbound } from '../../server/platform/outbound/outbound.js'
import { minutes } from '../support/clock.js'
import { type DnsServer, type Entry, startDnsServer } from '../support/dns-server.js'
import { makeServer, makeSite } from '../support/make.js'
import { freePort } from '../support/ports.js'
import { type SiteWorld, siteWorld } from '../support/site-world.js'

type Who = 'developer' | 'stranger'

/** On the internet, where something stands in front of servers. */
const proxyAddress = '93.184.216.34'

describe('RC-04: a name that another team holds', () => {
  let w: SiteWorld
  let dns: DnsServer
  let rivalServer: { id: string; slug: string }
  /** What that answers there; nothing for null. */
  let answer: { status: number; body?: string } | null
  const asked: string[] = []
  const proxy = createServer((request, response) => {
    asked.push(`${request.headers.host}${request.url}`)
    if (answer) response.writeHead(answer.status, { location: 'https://www.example.com/' }).end(answer.body)
  })
  const outbound = createOutbound({ allowances: parseAllowances(''), deadlineMs: 300 })
  const configure = (change: object) => Object.assign(w.services, { config: { ...w.services.config, ...change } })
  const listenAt = (http: number) => configure({ webPorts: { http, https: 1 } })
  const portOfProxy = () => (proxy.address() as AddressInfo).port
  beforeAll(async () => {
    w = await siteWorld()
    dns = await startDnsServer()
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', () => resolve()))
    configure({ resolvers: [dns.address] })
    const send: typeof outbound.send = ({ url, ...question }) =>
      outbound.send({ ...question, url: url.replace(proxyAddress, '127.0.0.1'), allow: '127.0.0.1' })
    Object.assign(w.services, { outbound: { ...outbound, send } })
  }, 30_000)
  afterAll(async () => {
    proxy.closeAllConnections()
    proxy.close()
    await outbound.close()
    await dns.stop()
    await w.close()
  })
  beforeEach(async () => {
    await w.reset()
    dns.zone = {}
    answer = { status: 404 }
    asked.length = 0
    listenAt(portOfProxy())
    rivalServer = await makeServer(w.test, w.rival, {
      kind: 'ssh',
      address: '203.0.113.9',
      port: 22,
      username: 'root',
      edge: 'caddy',
    })
    await makeSite(w.test, rivalServer, w.rival, { slug: 'shop', name: 'shop', edge: 'caddy' })
    await makeSite(w.test, w.server, w.acme, { slug: 'shop', name: 'shop', edge: 'caddy' })
  })

  const job = () => ({ services: w.services, signal: new AbortController().signal })
  const check = () => checkDomainsHandler.run({}, job())

  async function send(who: Who, method: string, path: string, body?: object) {
    const person = w.people[who]
    const response = await fetch(`${w.panel.url}/api/v1/teams/${person.team?.slug}${path}`, {
      method,
      headers: { authorization: `Bearer ${person.apiKey}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    })
    // biome-ignore lint/suspicious/noExplicitAny: an answer is what the test says it is
    return { status: response.status, json: (await response.json()) as any }
  }

  const add = (who: Who, name: string) => send(who, 'POST', '/sites/shop/domains', { name })
  const holders = async () =>
    (await w.test.query('select name, team_id from domains where verified_at is not null order by name')).map(
      ({ name, team_id }) => `${name} ${team_id === w.acme.id ? 'acme' : 'rival'}`,
    )
  const titles = async (who: Who) => {
    const { domains } = (await send(who, 'GET', '/sites/shop/domains')).json
    return domains.flatMap(({ findings }: { findings: { title: string }[] }) => findings.map(({ title }) => title))
  }

  /** Written down and proven by rival; then the record goes, and `zone` is what DNS says. */
  async function held(name: string, zone: Record<string, Entry> = {}): Promise<string> {
    const { domain } = (await add('stranger', name)).json
    const { proof } = (await send('stranger', 'GET', `/sites/shop/domains/${domain.id}`)).json
    dns.zone = { [proof.name]: { TXT: [proof.value] } }
    await check()
    dns.zone = { ...zone }
    w.clock.advance(minutes(1))
    return proof.value
  }

  /** What acme is told to set for it. */
  async function proofOf(name: string): Promise<{ at: string; value: string }> {
    const refused = await add('developer', name)
    expect(refused).toMatchObject({ status: 422, json: { errors: [{ field: 'name' }] } })
    const [, at = '', value = ''] = /TXT record (\S+) to (hostler=\S+),/.exec(JSON.stringify(refused.json)) ?? []
    return { at, value }
  }

  async function prove(name: string): Promise<void> {
    const { at, value } = await proofOf(name)
    dns.zone[at] = { TXT: [value] }
    expect((await add('developer', name)).status).toBe(201)
    await check()
  }

  it('is refused with the record that would prove it, and nothing is written down', async () => {
    await held('www.example.com')

    expect(await proofOf('www.example.com')).toEqual({
      at: '_hostler.www.example.com',
      value: expect.stringMatching(/^hostler=[\w-]{32}$/),
    })
    expect((await send('developer', 'GET', '/sites/shop/domains')).json.domains).toEqual([])
    expect(await holders()).toEqual(['www.example.com rival'])
  })

  it('goes to who proves it by a record when its holder no longer does, and both are told', async () => {
    await held('www.example.com')
    const revision = async () => (await w.test.query('select sum(revision)::int as sum from fronts'))[0]?.sum
    const before = await revision()

    await prove('www.example.com')

    expect(await holders()).toEqual(['www.example.com acme'])
    expect(await titles('stranger')).toEqual(['It was proven by somebody else on this panel, and by you no longer'])
    const events = await w.test.query(
      "select team_id, type, data from events where type in ('domain.freed', 'domain.verified') order by at, type",
    )
    expect(events.slice(1)).toEqual([
      { team_id: w.rival.id, type: 'domain.freed', data: { domain: 'www.example.com', why: 'proven-elsewhere' } },
      { team_id: w.acme.id, type: 'domain.verified', data: { domain: 'www.example.com', by: 'dns' } },
    ])
    // Written down, taken from one and given to the other.
    expect(await revision()).toBe(before + 3)
    const feed = await fetch(`${w.panel.url}/teams/rival/activity`, { headers: { cookie: w.people.stranger.cookie } })
    expect(await feed.text()).toMatch(/took the domain www\.example\.com away from[\s\S]*another team has proven it/)
  })

  it.each<[string, (token: string) => Record<string, Entry>]>([
    ['its record is still there', (token) => ({ '_hostler.www.example.com': { TXT: [token] } })],
    ['it still leads to its server', () => ({ 'www.example.com': { A: ['203.0.113.9'] } })],
    ['nobody can say where it leads', () => ({ 'www.example.com': 'SERVFAIL' })],
  ])('stays where %s', async (_, zone) => {
    const token = await held('www.example.com')
    const { at, value } = await proofOf('www.example.com')
    dns.zone = zone(token)
    const records = (dns.zone[at] as { TXT?: string[] } | undefined)?.TXT ?? []
    dns.zone[at] = { TXT: [...records, value] }

    expect((await add('developer', 'www.example.com')).status).toBe(201)
    await check()

    expect(await holders()).toEqual(['www.example.com rival'])
    expect(await titles('developer')).toContain(
      'It is held by somebody else on this panel, this name or one that it overlaps with',
    )
  })

  it('stays where it leads to its server, however that address is spelled', async () => {
    await w.test.query("update servers set address = '2001:DB8:0::1' where id = $1", [rivalServer.id])
    await held('www.example.com', { 'www.example.com': { AAAA: ['2001:db8::1'] } })

    await prove('www.example.com')

    expect(await holders()).toEqual(['www.example.com rival'])
  })

  describe('whose name leads to a proxy', () => {
    const atProxy = { 'www.example.com': { A: [proxyAddress] } }

    it('stays where its edge alone proves it, behind that', async () => {
      const token = (await held('www.example.com', atProxy)).replace('hostler=', '')
      const [row] = await w.test.query('select id from domains where team_id = $1', [w.rival.id])
      answer = { status: 200, body: token }

      await prove('www.example.com')

      expect(await holders()).toEqual(['www.example.com rival'])
      expect(asked).toContain(`www.example.com${challengePath(String(row?.id))}`)
    })

    it.each([301, 401, 403, 429, 500, 503])('stays where the answer is %i', async (status) => {
      await held('www.example.com', atProxy)
      answer = { status }

      await prove('www.example.com')

      expect(await holders()).toEqual(['www.example.com rival'])
    })

    it('stays where nobody answers in time', async () => {
      await held('www.example.com', atProxy)
      answer = null

      await prove('www.example.com')

      expect(await holders()).toEqual(['www.example.com rival'])
      expect(asked).not.toEqual([])
    })

    it('stays where nobody listens', async () => {
      await held('www.example.com', atProxy)
      listenAt(await freePort())

      await prove('www.example.com')

      expect(await holders()).toEqual(['www.example.com rival'])
    })

    it('stays where one of its addresses may not be asked', async () => {
      await held('www.example.com', { 'www.example.com': { A: [proxyAddress, '10.0.0.1'] } })

      await prove('www.example.com')

      expect(await holders()).toEqual(['www.example.com rival'])
    })

    it.each([{ status: 404 }, { status: 410 }, { status: 421 }, { status: 200, body: 'The shop of somebody else' }])(
      'goes where another answers by it: $status',
      async (another) => {
        await held('www.example.com', atProxy)
        answer = another

        await prove('www.example.com')

        expect(await holders()).toEqual(['www.example.com acme'])
      },
    )
  })

  it('stays where the record of a wildcard that covers it cannot be asked for', async () => {
    await held('*.example.com')
    dns.zone['_hostler.example.com'] = 'SERVFAIL'

    await prove('www.example.com')

    expect(await holders()).toEqual(['*.example.com rival'])
  })

  it('goes only to a record, never to an edge that answers by it', async () => {
    const mine = (await add('developer', 'www.example.com')).json.domain
    await held('www.example.com', { 'www.example.com': { A: ['127.0.0.1'] } })
    const [row] = await w.test.query<DomainsRow>('select * from domains where id = $1', [mine.id])
    if (!row) throw new Error('no row')

    expect(await claimName(w.services, row, 'http')).toBe('taken')
    expect(await claimName(w.services, row, 'dns')).toBe('taken')
    expect(await holders()).toEqual(['www.example.com rival'])
  })

  it('goes with all that a wildcard covers, or not at all', async () => {
    const token = await held('a.example.com')
    await held('b.example.com', { '_hostler.a.example.com': { TXT: [token] } })
    await prove('*.example.com')
    expect(await holders()).toEqual(['a.example.com rival', 'b.example.com rival'])

    delete dns.zone['_hostler.a.example.com']
    w.clock.advance(minutes(20))
    await check()
    expect(await holders()).toEqual(['*.example.com acme'])
  })

  it('stays when its holder proves it anew while the other is being looked at', async () => {
    await held('www.example.com')
    const { at, value } = await proofOf('www.example.com')
    dns.zone[at] = { TXT: [value] }
    const mine = (await add('developer', 'www.example.com')).json.domain
    const [row] = await w.test.query<DomainsRow>('select * from domains where id = $1', [mine.id])
    const [before] = await w.test.query<DomainsRow>('select * from domains where team_id = $1', [w.rival.id])
    if (!row || !before) throw new Error('no rows')
    await w.test.query('update domains set verified_at = $1 where id = $2', [w.clock.now(), before.id])

    expect(await claimName(w.services, row, 'dns', [before])).toBe('taken')
    expect(await holders()).toEqual(['www.example.com rival'])
  })

  it('tells its holder why it is gone, although a look at it was under way', async () => {
    await held('www.example.com')
    const [row] = await w.test.query('select id from domains')
    expect((await send('stranger', 'POST', `/sites/shop/domains/${row?.id}/check`)).status).toBe(201)
    const underWay = await takeDueDomains(w.services, 10)
    await prove('www.example.com')

    for (const domain of underWay) await checkDomain(w.services, domain)

    expect(underWay).toHaveLength(1)
    expect(await titles('stranger')).toEqual(['It was proven by somebody else on this panel, and by you no longer'])
    expect((await send('stranger', 'GET', '/sites/shop/domains')).json.domains[0].isChecking).toBe(false)
  })

  it('takes its names along where it is a sites domain', async () => {
    const here = `/servers/${rivalServer.slug}/sites-domain`
    const { proof } = (await send('stranger', 'PUT', here, { name: 'sites.example.com' })).json
    dns.zone = { [proof.name]: { TXT: [proof.value] } }
    await check()
    await requestServingHandler.run({}, job())
    expect(await holders()).toEqual(['*.sites.example.com rival', 'shop.sites.example.com rival'])
    dns.zone = {}
    w.clock.advance(minutes(1))

    await prove('shop.sites.example.com')

    expect(await holders()).toEqual(['shop.sites.example.com acme'])
    expect((await send('stranger', 'GET', '/sites/shop/domains')).json.domains).toEqual([])
    expect((await send('stranger', 'GET', here)).json.sitesDomain).toMatchObject({ isProven: false })
    const [event] = await w.test.query("select data from events where type = 'server.sites-domain-freed'")
    expect(event).toEqual({ data: { domain: 'sites.example.com', why: 'proven-elsewhere' } })
  })
})

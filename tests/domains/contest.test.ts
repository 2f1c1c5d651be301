import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { requestServingHandler } from '../../jobs/domains/request-serving.js'
import { checkDomain, takeDueDomains } from '../../server/domains/checks.js'
import { claimName } from '../../server/domains/held.js'
import type { DomainsRow } from '../../server/platform/db/tables.js'
import { minutes } from '../support/clock.js'
import { type ContestWorld, contestWorld } from '../support/contest-world.js'
import type { Entry } from '../support/dns-server.js'
import type { SiteWorld } from '../support/site-world.js'

describe('RC-04: a name that another team holds', () => {
  let c: ContestWorld
  let w: SiteWorld
  beforeAll(async () => {
    c = await contestWorld()
    w = c.w
  }, 30_000)
  afterAll(() => c.close())
  beforeEach(() => c.reset())

  it('is refused with the record that would prove it, and nothing is written down', async () => {
    await c.held('www.example.com')

    expect(await c.proofOf('www.example.com')).toEqual({
      at: '_hostler.www.example.com',
      value: expect.stringMatching(/^hostler=[\w-]{32}$/),
    })
    expect((await c.send('developer', 'GET', '/sites/shop/domains')).json.domains).toEqual([])
    expect(await c.holders()).toEqual(['www.example.com rival'])
  })

  it('goes to who proves it by a record when its holder no longer does, and both are told', async () => {
    await c.held('www.example.com')
    const revision = async () => (await w.test.query('select sum(revision)::int as sum from fronts'))[0]?.sum
    const before = await revision()

    await c.prove('www.example.com')

    expect(await c.holders()).toEqual(['www.example.com acme'])
    expect(await c.titles('stranger')).toEqual(['It was proven by somebody else on this panel, and by you no longer'])
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
    const token = await c.held('www.example.com')
    const { at, value } = await c.proofOf('www.example.com')
    c.dns.zone = zone(token)
    const records = (c.dns.zone[at] as { TXT?: string[] } | undefined)?.TXT ?? []
    c.dns.zone[at] = { TXT: [...records, value] }

    expect((await c.add('developer', 'www.example.com')).status).toBe(201)
    await c.check()

    expect(await c.holders()).toEqual(['www.example.com rival'])
    expect(await c.titles('developer')).toContain(
      'It is held by somebody else on this panel, this name or one that it overlaps with',
    )
  })

  it('stays where it leads to its server, however that address is spelled', async () => {
    await w.test.query("update servers set address = '2001:DB8:0::1' where id = $1", [c.rivalServer.id])
    await c.held('www.example.com', { 'www.example.com': { AAAA: ['2001:db8::1'] } })

    await c.prove('www.example.com')

    expect(await c.holders()).toEqual(['www.example.com rival'])
  })

  it('stays where the record of a wildcard that covers it cannot be asked for', async () => {
    await c.held('*.example.com')
    c.dns.zone['_hostler.example.com'] = 'SERVFAIL'

    await c.prove('www.example.com')

    expect(await c.holders()).toEqual(['*.example.com rival'])
  })

  it('goes only to a record, never to an edge that answers by it', async () => {
    const mine = (await c.add('developer', 'www.example.com')).json.domain
    await c.held('www.example.com', { 'www.example.com': { A: ['127.0.0.1'] } })
    const [row] = await w.test.query<DomainsRow>('select * from domains where id = $1', [mine.id])
    if (!row) throw new Error('no row')

    expect(await claimName(w.services, row, 'http')).toBe('taken')
    expect(await claimName(w.services, row, 'dns')).toBe('taken')
    expect(await c.holders()).toEqual(['www.example.com rival'])
  })

  it('goes with all that a wildcard covers, or not at all', async () => {
    const token = await c.held('a.example.com')
    await c.held('b.example.com', { '_hostler.a.example.com': { TXT: [token] } })
    await c.prove('*.example.com')
    expect(await c.holders()).toEqual(['a.example.com rival', 'b.example.com rival'])

    delete c.dns.zone['_hostler.a.example.com']
    w.clock.advance(minutes(20))
    await c.check()
    expect(await c.holders()).toEqual(['*.example.com acme'])
  })

  it('stays when its holder proves it anew while the other is being looked at', async () => {
    await c.held('www.example.com')
    const { at, value } = await c.proofOf('www.example.com')
    c.dns.zone[at] = { TXT: [value] }
    const mine = (await c.add('developer', 'www.example.com')).json.domain
    const [row] = await w.test.query<DomainsRow>('select * from domains where id = $1', [mine.id])
    const [before] = await w.test.query<DomainsRow>('select * from domains where team_id = $1', [w.rival.id])
    if (!row || !before) throw new Error('no rows')
    await w.test.query('update domains set verified_at = $1 where id = $2', [w.clock.now(), before.id])

    expect(await claimName(w.services, row, 'dns', [before])).toBe('taken')
    expect(await c.holders()).toEqual(['www.example.com rival'])
  })

  it('tells its holder why it is gone, although a look at it was under way', async () => {
    await c.held('www.example.com')
    const [row] = await w.test.query('select id from domains')
    expect((await c.send('stranger', 'POST', `/sites/shop/domains/${row?.id}/check`)).status).toBe(201)
    const underWay = await takeDueDomains(w.services, 10)
    await c.prove('www.example.com')

    for (const domain of underWay) await checkDomain(w.services, domain)

    expect(underWay).toHaveLength(1)
    expect(await c.titles('stranger')).toEqual(['It was proven by somebody else on this panel, and by you no longer'])
    expect((await c.send('stranger', 'GET', '/sites/shop/domains')).json.domains[0].isChecking).toBe(false)
  })

  it('takes its names along where it is a sites domain', async () => {
    const here = `/servers/${c.rivalServer.slug}/sites-domain`
    const { proof } = (await c.send('stranger', 'PUT', here, { name: 'sites.example.com' })).json
    c.dns.zone = { [proof.name]: { TXT: [proof.value] } }
    await c.check()
    await requestServingHandler.run({}, c.job())
    expect(await c.holders()).toEqual(['*.sites.example.com rival', 'shop.sites.example.com rival'])
    c.dns.zone = {}
    w.clock.advance(minutes(1))

    await c.prove('shop.sites.example.com')

    expect(await c.holders()).toEqual(['shop.sites.example.com acme'])
    expect((await c.send('stranger', 'GET', '/sites/shop/domains')).json.domains).toEqual([])
    expect((await c.send('stranger', 'GET', here)).json.sitesDomain).toMatchObject({ isProven: false })
    const [event] = await w.test.query("select data from events where type = 'server.sites-domain-freed'")
    expect(event).toEqual({ data: { domain: 'sites.example.com', why: 'proven-elsewhere' } })
  })
})

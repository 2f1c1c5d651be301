import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { checkDomainsHandler } from '../../jobs/domains/check-domains.js'
import { requestServingHandler } from '../../jobs/domains/request-serving.js'
import { addressBySitesDomain } from '../../server/domains/domains.js'
import { claimName } from '../../server/domains/held.js'
import * as queries from '../../server/domains/held-queries.js'
import { findSite } from '../../server/sites/sites.js'
import { type DnsServer, startDnsServer } from '../support/dns-server.js'
import { makeServer, makeSite } from '../support/make.js'
import type { Name } from '../support/people.js'
import { type ShopWorld, shopWorld } from '../support/site-world.js'
import { eventually } from '../support/sites.js'

let w: ShopWorld
let dns: DnsServer
let here: string
beforeAll(async () => {
  w = await shopWorld()
  dns = await startDnsServer()
  Object.assign(w.services, { config: { ...w.services.config, resolvers: [dns.address] } })
}, 30_000)
afterAll(async () => {
  await dns.stop()
  await w.close()
})
beforeEach(async () => {
  await w.reset()
  await w.test.query("update servers set edge = 'caddy'")
  await makeSite(w.test, w.server, w.acme, { slug: 'shop', name: 'shop', edge: 'caddy' })
  here = `/servers/${w.server.slug}/sites-domain`
  dns.zone = {}
})

const job = () => ({ services: w.services, signal: new AbortController().signal })
const set = (name: string, who: Name = 'admin') => w.api(who, 'PUT', here, { name })
const namesOf = async (slug: string) =>
  (await w.api('viewer', 'GET', `/sites/${slug}/domains`)).json.domains.map(({ name }: { name: string }) => name)

/** Set, proven by its record, and given to the sites that are there. */
async function give(name = 'sites.example.com') {
  const { json } = await set(name)
  dns.zone = { [json.proof.name]: { TXT: [json.proof.value] }, [`*.${name}`]: { A: ['127.0.0.1'] } }
  await checkDomainsHandler.run({}, job())
  await requestServingHandler.run({}, job())
}

const waiting = "select pid from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'"

describe('the sites domain of a server', () => {
  it('is proven as wildcards are, and shows the records for that', async () => {
    const asked = await set('*.SITES.Example.com.')
    const before = await namesOf('shop')
    const page = await w.browser('viewer').get(`/teams/acme${here}`)
    await give()

    expect(asked).toMatchObject({
      status: 200,
      json: {
        sitesDomain: { name: 'sites.example.com', isProven: false, isChecking: true },
        proof: { type: 'TXT', name: '_hostler.sites.example.com' },
      },
    })
    expect(before).toEqual([])
    expect(page.text).toContain(asked.json.proof.value)
    expect((await w.api('viewer', 'GET', here)).json).toMatchObject({
      sitesDomain: { isProven: true, isChecking: false },
      sites: [{ name: 'shop.sites.example.com', site: { slug: 'shop' } }],
    })
  })

  it('gives each site a name at once: those that were there, and each new one with its creation', async () => {
    await give()
    const { json } = await w.create({ name: 'Bücher & Co' })
    const ctx = await w.ctx('developer')
    const address = await ctx.transaction(async (tx) => addressBySitesDomain(tx, await findSite(tx, json.site.slug)))

    expect(await namesOf('shop')).toEqual(['shop.sites.example.com'])
    expect(await namesOf('bucher-co')).toEqual(['bucher-co.sites.example.com'])
    expect(address).toEqual({
      name: 'bucher-co.sites.example.com',
      url: 'https://bucher-co.sites.example.com',
    })
    const page = await w.browser('viewer').get(`/teams/acme${here}`)
    expect(page.text).toContain('bucher-co.sites.example.com')
  })

  it('gives a name to who came while it was being proven, whatever was lost of the doorbell', async () => {
    await give()
    await makeSite(w.test, w.server, w.acme, { slug: 'late', edge: 'caddy' })

    await requestServingHandler.run({}, job())
    await requestServingHandler.run({}, job())

    expect(await namesOf('late')).toEqual(['late.sites.example.com'])
    expect(await w.test.query("select id from events where type = 'domain.added'")).toHaveLength(2)
  })

  it('gives nothing before it is proven, nor to sites of other servers', async () => {
    await set('sites.example.com')
    const ctx = await w.ctx('developer')
    const address = () => ctx.transaction(async (tx) => addressBySitesDomain(tx, await findSite(tx, 'shop')))
    expect(await address()).toBeNull()

    await give()
    const other = await makeServer(w.test, w.acme, { edge: 'caddy' })
    await makeSite(w.test, other, w.acme, { slug: 'elsewhere', edge: 'caddy' })
    await requestServingHandler.run({}, job())

    expect(await address()).toMatchObject({ name: 'shop.sites.example.com' })
    expect(await namesOf('elsewhere')).toEqual([])
  })

  it('takes the next name where the team has that one for another site', async () => {
    await makeSite(w.test, w.server, w.acme, { slug: 'blog', edge: 'caddy' })
    await w.api('developer', 'POST', '/sites/blog/domains', { name: 'shop.sites.example.com' })
    await give()

    expect(await namesOf('shop')).toEqual(['shop-2.sites.example.com'])
    expect(await namesOf('blog')).toEqual(['shop.sites.example.com', 'blog.sites.example.com'])
  })

  it('gives none any more once its name goes to somebody else in that moment', async () => {
    await give()
    await makeSite(w.test, w.server, w.acme, { slug: 'late', edge: 'caddy' })
    const ctx = await w.ctx('developer')
    const { first, given } = await w.services.db.asSystem(async (db) => {
      const row = await queries.maybeHeld(db, '*.sites.example.com')
      if (!row) throw new Error('no row')
      await queries.free(db, row, { findings: '[]', check_due_at: w.clock.now() })
      const late = ctx.transaction(async (tx) => addressBySitesDomain(tx, await findSite(tx, 'late')))
      const waits = eventually('it waits', async () => (await w.test.query(waiting)).length > 0)
      return { first: await Promise.race([late.then(() => 'given'), waits.then(() => 'waits')]), given: late }
    })

    expect(first).toBe('waits')
    expect(await given).toBeNull()
    expect(await namesOf('late')).toEqual([])
  })

  it('takes back what it gave in the moment in which its name goes to somebody else', async () => {
    await give()
    await makeSite(w.test, w.server, w.acme, { slug: 'late', edge: 'caddy' })
    const ctx = await w.ctx('developer')
    const freed = await ctx.transaction(async (tx) => {
      await addressBySitesDomain(tx, await findSite(tx, 'late'))
      const going = w.services.db.asSystem(async (db) => {
        const row = await queries.maybeHeld(db, '*.sites.example.com')
        if (row) await queries.free(db, row, { findings: '[]', check_due_at: w.clock.now() })
      })
      await eventually('it waits', async () => (await w.test.query(waiting)).length > 0)
      return { going }
    })
    await freed.going

    expect(await namesOf('late')).toEqual([])
  })

  it('leaves the place of the primary one to a name of the site’s own', async () => {
    await give()
    const { domain } = (await w.api('developer', 'POST', '/sites/shop/domains', { name: 'www.example.org' })).json
    const list = (await w.api('viewer', 'GET', '/sites/shop/domains')).json.domains
    const given = list.find(({ isGiven }: { isGiven: boolean }) => isGiven)

    expect(domain.role).toBe('primary')
    expect(list.map(({ name }: { name: string }) => name)).toEqual(['www.example.org', 'shop.sites.example.com'])
    const path = `/sites/shop/domains/${given.id}`
    expect((await w.api('developer', 'PATCH', path, { role: 'primary' })).status).toBe(409)
    expect((await w.api('developer', 'DELETE', path)).status).toBe(409)
    expect((await w.api('developer', 'PATCH', path, { role: 'redirect' })).json.domain.role).toBe('redirect')
    await w.api('developer', 'DELETE', `/sites/shop/domains/${domain.id}`)
    expect((await w.api('viewer', 'GET', path)).json.domain).toMatchObject({ role: 'redirect', isGiven: true })
    const page = await w.browser('developer').get(`/teams/acme${path}`)
    expect(page.text).toContain('sites domain')
    expect(page.text).not.toContain('Remove domain')
  })

  it('takes its names with it, and nothing else', async () => {
    await give()
    await w.api('developer', 'POST', '/sites/shop/domains', { name: 'www.example.org' })
    const revision = async () => (await w.test.query('select revision from fronts'))[0]?.revision as number
    const before = await revision()

    expect((await w.api('admin', 'DELETE', here)).status).toBe(204)

    expect(await namesOf('shop')).toEqual(['www.example.org'])
    expect(await revision()).toBe(before + 1)
    expect((await w.api('viewer', 'GET', here)).json.sitesDomain).toBeNull()
    expect((await w.api('admin', 'DELETE', here)).status).toBe(404)
    const told = await w.test.query("select type from events where type like 'server.sites-domain%' order by sequence")
    expect(told.map(({ type }) => type)).toEqual([
      'server.sites-domain-set',
      'server.sites-domain-verified',
      'server.sites-domain-removed',
    ])
  })

  it('is one for each server, and set twice is once', async () => {
    await set('sites.example.com')

    expect((await set('sites.example.com')).status).toBe(200)
    expect((await set('other.example.com')).status).toBe(409)
    expect(await w.test.query("select id from events where type = 'server.sites-domain-set'")).toHaveLength(1)
    const second = await makeServer(w.test, w.acme)
    const twice = await w.api('admin', 'PUT', `/servers/${second.slug}/sites-domain`, { name: 'sites.example.com' })
    expect(twice).toMatchObject({ status: 422, json: { errors: [{ field: 'name' }] } })
  })

  it.each([
    ['www.sites.example.com', 'sites.example.com'],
    ['WWW.Sites.Example.com.', '*.SITES.example.com'],
    ['*.xn--bcher-kva.example', 'bücher.example'],
  ])('RC-04: is refused where another team has proven %s, asked for as %s', async (theirs, spelling) => {
    const server = await makeServer(w.test, w.rival)
    await makeSite(w.test, server, w.rival, { slug: 'theirs', edge: 'caddy' })
    const stranger = { authorization: `Bearer ${w.people.stranger.apiKey}`, 'content-type': 'application/json' }
    const url = `${w.panel.url}/api/v1/teams/rival/sites/theirs/domains`
    await fetch(url, { method: 'POST', headers: stranger, body: JSON.stringify({ name: theirs }) })
    const [row] = await w.test.query('select * from domains')
    await claimName(w.services, row as never, 'dns')

    const refused = await set(spelling)

    expect(refused).toMatchObject({ status: 422, json: { errors: [{ field: 'name' }] } })
    expect(refused.text).toContain('in use on this panel')
    expect(refused.text).not.toMatch(/rival/i)
  })

  it('RC-04: keeps all names below it from other teams once it is proven', async () => {
    await give()
    const server = await makeServer(w.test, w.rival)
    await makeSite(w.test, server, w.rival, { slug: 'theirs', edge: 'caddy' })
    const stranger = { authorization: `Bearer ${w.people.stranger.apiKey}`, 'content-type': 'application/json' }
    const url = `${w.panel.url}/api/v1/teams/rival/sites/theirs/domains`
    const ask = (name: string) => fetch(url, { method: 'POST', headers: stranger, body: JSON.stringify({ name }) })

    for (const name of ['shop.sites.example.com', 'NEW.sites.example.com.', '*.sites.example.com'])
      expect((await ask(name)).status, name).toBe(422)
  })

  it.each([
    '',
    '*',
    'com',
    'co.uk',
    'https://sites.example.com',
    '127.0.0.1',
    'a b.example.com',
    `${'a.'.repeat(110)}com`,
  ])('does not take %j', async (name) => {
    expect(await set(name)).toMatchObject({ status: 422, json: { errors: [{ field: 'name' }] } })
  })

  it('takes the panel’s own name from nobody', async () => {
    w.services.config.baseUrl.hostname = 'panel.example.com'

    const refused = await set('example.com')

    w.services.config.baseUrl.hostname = 'localhost'
    expect(refused).toMatchObject({ status: 422, json: { errors: [{ field: 'name' }] } })
  })

  it('is for who may manage the server, shown to who may see it, and not there for strangers', async () => {
    expect((await set('sites.example.com', 'developer')).status).toBe(403)
    expect((await set('sites.example.com', 'stranger')).status).toBe(404)
    await set('sites.example.com')
    expect((await w.api('viewer', 'GET', here)).status).toBe(200)
    expect((await w.api('developer', 'DELETE', here)).status).toBe(403)
    expect((await w.api('stranger', 'GET', here)).status).toBe(404)
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { shownCertificate } from '../../server/domains/certificates/handshake.js'
import type { Entry } from '../support/dns-server.js'
import { type DomainWorld, domainWorld } from '../support/domain-world.js'
import { needs } from '../support/parts.js'
import { type Pebble, startPebble } from '../support/pebble.js'
import { eventually } from '../support/sites.js'

describe.skipIf(!needs('caddy', 'pebble', 'openssl'))('certificates of domains, by a real CA', () => {
  let w: DomainWorld
  let pebble: Pebble
  beforeAll(async () => {
    w = await domainWorld()
    pebble = await startPebble({ webPorts: w.caddy.webPorts, dns: w.dns.address })
    const acme = { url: pebble.url, email: 'ops@example.com', rootFile: pebble.rootFile }
    Object.assign(w.services, { config: { ...w.services.config, acme } })
  }, 30_000)
  afterAll(async () => {
    await pebble?.stop()
    await w?.close()
  })
  beforeEach(async () => {
    await w.test.query('delete from domains')
    w.dns.zone = {}
  })

  const served = (name: string) => shownCertificate(w.at.host, w.caddy.webPorts.https, name)
  const domainOf = async (id: string) => (await w.api('GET', `/domains/${id}`)).json.domain

  /** Proven by its record, and set up. */
  async function serve(name: string, records: Entry = { A: ['127.0.0.1'] }): Promise<string> {
    const { id } = (await w.api('POST', '/domains', { name })).json.domain
    const { proof } = (await w.api('GET', `/domains/${id}`)).json
    Object.assign(w.dns.zone, { [name]: records, [proof.name]: { TXT: [proof.value] } })
    expect(await w.work()).toEqual(['succeeded'])
    return id
  }

  it('are obtained by Caddy and seen as visitors see them, and the site’s URL is the name then', async () => {
    const before = (await w.api('GET', '')).json.site.url
    const id = await serve('www.example.test')

    const shown = await eventually('Caddy shows a certificate', () => served('www.example.test'))
    await w.look()

    expect(shown).toMatchObject({ isForName: true, issuer: expect.stringContaining('Pebble') })
    const { certificate } = await domainOf(id)
    expect(certificate).toMatchObject({ issuer: shown.issuer, endsAt: shown.endsAt.toISOString(), failure: null })
    expect(before).toMatch(/^http:\/\/localhost:\d+$/)
    expect((await w.api('GET', '')).json.site.url).toBe('https://www.example.test')
    const events = await w.test.query("select data from events where type = 'domain.certificate-obtained'")
    expect(events).toEqual([{ data: expect.objectContaining({ domain: 'www.example.test', issuer: shown.issuer }) }])
    const page = await w.panel.browser(w.people.viewer.cookie).get(`/teams/acme/sites/shop/domains/${id}`)
    expect(page.text).toContain('Pebble')
  })

  it('are there for the name that a site has by the sites domain, one for each, and that is its URL then', async () => {
    const here = `/servers/${w.server.slug}/sites-domain`
    const { proof } = (await w.teamApi('PUT', here, { name: 'sites.example.test' }, 'admin')).json
    w.dns.zone = { '*.sites.example.test': { A: ['127.0.0.1'] }, [proof.name]: { TXT: [proof.value] } }
    expect(await w.work()).toEqual(['succeeded'])

    const shown = await eventually('Caddy shows a certificate', () => served('shop.sites.example.test'))
    await w.look()

    expect(shown).toMatchObject({ isForName: true, issuer: expect.stringContaining('Pebble') })
    expect((await w.api('GET', '')).json.site.url).toBe('https://shop.sites.example.test')
    await w.teamApi('DELETE', here, undefined, 'admin')
    await w.work()
    expect((await w.api('GET', '')).json.site.url).toMatch(/^http:\/\/localhost/)
  })

  it('say why there is none, in the words of who makes them, and the URL stays the server’s', async () => {
    const id = await serve('lost.example.test', 'SERVFAIL')

    const failure = await eventually('a reason', async () => {
      w.clock.advance(61_000)
      await w.look()
      const { failure: why } = (await domainOf(id)).certificate ?? {}
      return why && !/no certificate yet/.test(why) ? (why as string) : null
    })

    expect(failure).toMatch(/not found in DNS by who makes certificates/)
    expect(await served('lost.example.test')).toBeNull()
    expect((await w.api('GET', '')).json.site.url).toMatch(/^http:\/\/localhost/)
  })

  it('R38: are told of 21, 7 and 1 days before their end, each once', async () => {
    const id = await serve('ending.example.test')
    const shown = await eventually('Caddy shows a certificate', () => served('ending.example.test'))
    const told = async () =>
      (
        await w.test.query<{ days: number }>(
          "select data->>'days' as days from events where type = 'domain.certificate-ending' order by sequence",
        )
      ).map(({ days }) => Number(days))
    const lookDaysBefore = async (days: number) => {
      w.clock.advance(shown.endsAt.getTime() - days * 24 * 3600_000 - w.clock.now().getTime())
      await w.look()
      return told()
    }

    expect(await lookDaysBefore(22)).toEqual([])
    expect(await lookDaysBefore(20)).toEqual([21])
    expect(await lookDaysBefore(19)).toEqual([21])
    expect(await lookDaysBefore(6)).toEqual([21, 7])
    expect(await lookDaysBefore(0.9)).toEqual([21, 7, 1])
    expect(await lookDaysBefore(0.5)).toEqual([21, 7, 1])
    expect((await domainOf(id)).certificate.endsAt).toBe(shown.endsAt.toISOString())
    const inBetween = (await w.api('GET', '')).json.site.url
    await lookDaysBefore(-1)
    expect(inBetween).toBe('https://ending.example.test')
    expect((await w.api('GET', '')).json.site.url).toMatch(/^http:\/\/localhost/)
  })

  it('are not asked for by names that are not proven, nor shown for others', async () => {
    await w.api('POST', '/domains', { name: 'new.example.test' })
    w.dns.zone['new.example.test'] = { A: ['198.51.100.7'] }
    await w.work()

    expect(JSON.stringify(await w.caddy.config())).not.toContain('"subjects":["new.example.test"]')
  })
})

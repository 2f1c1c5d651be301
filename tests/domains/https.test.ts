import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AnsweringApp, startAnsweringApp } from '../../bench/support/answering-apps.js'
import { openToAll } from '../../server/domains/edges/access.js'
import { makeCertificate } from '../support/certificates.js'
import { type DomainWorld, domainWorld } from '../support/domain-world.js'
import { ask, askSecurely } from '../support/edges.js'
import { needs } from '../support/parts.js'
import { type Pebble, startPebble } from '../support/pebble.js'
import { eventually } from '../support/sites.js'

const [www, apex, old] = ['www.example.test', 'example.test', 'old.example.test']

describe.skipIf(!needs('caddy', 'pebble', 'openssl'))('a visitor of a domain, with a certificate by a real CA', () => {
  let w: DomainWorld
  let pebble: Pebble
  let app: AnsweringApp
  let ca: string
  beforeAll(async () => {
    w = await domainWorld()
    pebble = await startPebble({ webPorts: w.caddy.webPorts, dns: w.dns.address })
    const acme = { url: pebble.url, email: null, rootFile: pebble.rootFile }
    Object.assign(w.services, { config: { ...w.services.config, acme } })
    app = await startAnsweringApp('shop', '1')
    await add(www)
    await add(apex, { redirectStatus: 308 })
    await add(old, { redirectStatus: 301 })
    await w.api('PUT', '/domains/front', { forceHttps: true, hsts: true })
    await w.work()
    const folder = `${w.at.host.root}/sites/${w.site.id}`
    const site = { siteId: w.site.id, folder, port: w.site.port, hostnames: [], access: openToAll }
    await w.at.switchTo(site, app.address)
    ca = await pebble.root()
    for (const name of [www, apex, old])
      await eventually(`a certificate of ${name}`, () => secure(name).catch(() => null))
  }, 60_000)
  afterAll(async () => {
    await app?.stop()
    await pebble?.stop()
    await w?.close()
  })

  const secure = (name: string, path = '/', headers = {}) =>
    askSecurely({ port: w.caddy.webPorts.https, name, ca }, path, headers)
  const plain = (name: string, path = '/') => ask(w.caddy.webPorts.http, path, { headers: { host: name } })

  /** Proven, and leading here. */
  async function add(name: string, more: object = {}): Promise<void> {
    const { id } = (await w.api('POST', '/domains', { name, ...more })).json.domain
    const { proof } = (await w.api('GET', `/domains/${id}`)).json
    Object.assign(w.dns.zone, { [name]: { A: ['127.0.0.1'] }, [proof.name]: { TXT: [proof.value] } })
  }

  it('gets the site, and the certificate that the page tells of', async () => {
    const got = await secure(www, '/some/page')
    await w.look()

    const { domains } = (await w.api('GET', '/domains')).json
    expect(got).toMatchObject({ status: 200, headers: { 'x-site': 'shop' } })
    expect(got.body).toContain('shop 1')
    expect(domains[0]).toMatchObject({ name: www, certificate: { endsAt: new Date(got.shown.valid_to).toISOString() } })
    expect(domains[0].certificate.issuer).toContain(got.shown.issuer.CN)
  })

  it('is refused by a browser that does not trust who made it', async () => {
    const stranger = makeCertificate({ names: [www] }).certificate
    const asked = askSecurely({ port: w.caddy.webPorts.https, name: www, ca: stranger })

    await expect(asked).rejects.toThrow('unable to')
  })

  it('is sent to HTTPS with the path, by whichever name they came', async () => {
    const led = await Promise.all([www, apex, old].map((name) => plain(name, '/a/%2e?b=c&d=%20')))

    const location = 'https://www.example.test/a/%2e?b=c&d=%20'
    expect(led.map(({ status, headers }) => [status, headers.location])).toEqual([
      [308, location],
      [308, location],
      [301, location],
    ])
  })

  it('is led to the primary domain by HTTPS, too', async () => {
    const led = await Promise.all([apex, old].map((name) => secure(name, '/a?b')))

    expect(led.map(({ status, headers }) => [status, headers.location])).toEqual([
      [308, 'https://www.example.test/a?b'],
      [301, 'https://www.example.test/a?b'],
    ])
  })

  it('is told of HSTS by HTTPS alone, where browsers believe it', async () => {
    const [byHttps, byHttp] = [await secure(www), await plain(www)]

    expect(byHttps.headers['strict-transport-security']).toBe('max-age=63072000')
    expect(byHttp.headers).not.toHaveProperty('strict-transport-security')
  })

  it('is asked for a password', async () => {
    await w.api('PUT', '/access/visitors', { username: 'ada', password: 'a long walk' })
    await w.work()
    const words = (password: string) => ({
      authorization: `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`,
    })

    const [without, wrong, right] = [
      await secure(www),
      await secure(www, '/', words('no')),
      await secure(www, '/', words('a long walk')),
    ]

    expect([without, wrong, right].map(({ status }) => status)).toEqual([401, 401, 200])
    expect(without.headers['www-authenticate']).toBe('Basic realm="This site"')
    expect(right.headers['x-site']).toBe('shop')
  })
})

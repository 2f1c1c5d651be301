import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shownCertificate } from '../../server/domains/certificates/handshake.js'
import { type DomainWorld, domainWorld } from '../support/domain-world.js'
import { needs } from '../support/parts.js'
import { type Pebble, startPebble } from '../support/pebble.js'
import { eventually } from '../support/sites.js'

/** Caddy renews when a third of it is left. */
const validitySeconds = 30

describe.skipIf(!needs('caddy', 'pebble', 'openssl'))('a certificate that is about to end', () => {
  let w: DomainWorld
  let pebble: Pebble
  beforeAll(async () => {
    w = await domainWorld({ renewInterval: '1s' })
    pebble = await startPebble({ webPorts: w.caddy.webPorts, dns: w.dns.address, validitySeconds })
    const acme = { url: pebble.url, email: null, rootFile: pebble.rootFile }
    Object.assign(w.services, { config: { ...w.services.config, acme } })
  }, 30_000)
  afterAll(async () => {
    await pebble?.stop()
    await w?.close()
  })

  const shown = () => shownCertificate(w.at.host, w.caddy.webPorts.https, 'www.example.test')
  const certificate = async (id: string) => {
    w.clock.advance(61_000)
    await w.look()
    return (await w.api('GET', `/domains/${id}`)).json.domain.certificate
  }

  it('R38: is renewed by itself; where that fails the old one goes on, and the page says why', {
    timeout: 150_000,
  }, async () => {
    const { id } = (await w.api('POST', '/domains', { name: 'www.example.test' })).json.domain
    const { proof } = (await w.api('GET', `/domains/${id}`)).json
    w.dns.zone = { 'www.example.test': { A: ['127.0.0.1'] }, [proof.name]: { TXT: [proof.value] } }
    await w.work()
    const first = await eventually('the first certificate', shown)

    const second = await eventually(
      'a renewed certificate',
      async () => {
        const now = await shown()
        return now && now.endsAt > first.endsAt ? now : null
      },
      60_000,
    )
    w.dns.zone['www.example.test'] = 'SERVFAIL'
    const failing = await eventually(
      'a failed renewal on the page',
      async () => {
        const seen = await certificate(id)
        return seen?.failure ? seen : null
      },
      60_000,
    )

    expect(await shown()).toMatchObject({ endsAt: second.endsAt, isForName: true })
    expect(failing).toMatchObject({
      endsAt: second.endsAt.toISOString(),
      failure: expect.stringMatching(/not found in DNS/),
    })
    const page = await w.panel.browser(w.people.viewer.cookie).get(`/teams/acme/sites/shop/domains/${id}`)
    expect(page.text).toContain('The one that is there goes on')
  })
})

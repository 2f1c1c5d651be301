import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shownCertificate } from '../../server/domains/certificates/handshake.js'
import { type DomainWorld, domainWorld } from '../support/domain-world.js'
import { needs } from '../support/parts.js'
import { type Pebble, startPebble } from '../support/pebble.js'
import { eventually } from '../support/sites.js'

/** Caddy renews when a third of it is left; it goes on showing one that has ended. */
const validitySeconds = 12

const renewalMs = 60_000

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

  const shown = (name: string) => shownCertificate(w.at.host, w.caddy.webPorts.https, name)
  const certificate = async (id: string) => {
    w.clock.advance(61_000)
    await w.look()
    return (await w.api('GET', `/domains/${id}`)).json.domain.certificate
  }

  /** Proven, and its visitors led here. */
  async function add(name: string): Promise<string> {
    const { id } = (await w.api('POST', '/domains', { name, role: 'serve' })).json.domain
    const { proof } = (await w.api('GET', `/domains/${id}`)).json
    Object.assign(w.dns.zone, { [name]: { A: ['127.0.0.1'] }, [proof.name]: { TXT: [proof.value] } })
    return id
  }

  it('R38: is renewed by itself; where that fails the old one goes on, and the page says why', {
    timeout: 120_000,
  }, async () => {
    const [, lost] = [await add('www.example.test'), await add('lost.example.test')]
    await w.work()
    const [first] = await Promise.all([
      eventually('a certificate', () => shown('www.example.test')),
      eventually('a certificate of the other', () => shown('lost.example.test')),
    ])
    w.dns.zone['lost.example.test'] = 'SERVFAIL'

    const [renewed, failing] = await Promise.all([
      eventually(
        'a renewed certificate',
        async () => {
          const now = await shown('www.example.test')
          return now && now.endsAt > first.endsAt ? now : null
        },
        renewalMs,
      ),
      eventually(
        'a failed renewal on the page',
        async () => {
          const seen = await certificate(lost)
          return seen?.failure ? seen : null
        },
        renewalMs,
      ),
    ])

    expect(renewed).toMatchObject({ isForName: true })
    expect(failing).toMatchObject({ failure: expect.stringMatching(/not found in DNS/) })
    // Not compared with the one before the name was lost: that was renewed meanwhile if this machine was slow.
    const goesOn = { endsAt: new Date(failing.endsAt), isForName: true }
    expect(await shown('lost.example.test')).toMatchObject(goesOn)
    await eventually('the end of the certificate', async () => Date.now() > goesOn.endsAt.getTime() || null, 20_000)
    expect(await shown('lost.example.test')).toMatchObject(goesOn)
    const page = await w.panel.browser(w.people.viewer.cookie).get(`/teams/acme/sites/shop/domains/${lost}`)
    expect(page.text).toContain('The one that is there goes on')
  })
})

import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { openToAll } from '../../../../server/domains/edges/access.js'
import { withoutSite, withSite } from '../../../../server/domains/edges/caddy/config.js'
import { idOf } from '../../../../server/domains/edges/caddy/ids.js'
import { isSameJson, type Json, valueAt } from '../../../../server/domains/edges/caddy/json.js'
import { newPorts, withFront, withoutFront } from '../../../../server/domains/edges/caddy/web.js'
import { savedParts } from '../../../../server/domains/edges/caddy/web-after-restart.js'
import type { Front } from '../../../../server/domains/edges/front.js'

const site = {
  siteId: 's1',
  folder: '/srv/hostler/sites/s1',
  rootFile: '/srv/root.pem',
  access: openToAll,
  certificates: [],
  certificateLog: '/srv/certificates.log',
}
const other = { ...site, siteId: 's2', folder: '/srv/hostler/sites/s2' }
const front = (change: Partial<Front> = {}): Front => ({
  serves: ['www.example.com'],
  redirects: [],
  primary: 'www.example.com',
  forceHttps: true,
  hsts: false,
  certificates: [],
  challenges: [],
  acme: null,
  ...change,
})

const idsAt = (config: Json, server: string) =>
  ((valueAt(config, ['apps', 'http', 'servers', server, 'routes']) ?? []) as Json[]).map(idOf)

describe('the configuration of Caddy with names', () => {
  it('has one route a site on each port, and the unknown names last', () => {
    const config = withFront(withFront({}, site, front()), other, front({ serves: ['*.example.net'], primary: null }))

    expect(idsAt(config, 'hostler-http')).toEqual([
      'hostler-site-http-s1',
      'hostler-wild-http-s2',
      'hostler-unknown-http',
    ])
    expect(idsAt(config, 'hostler-https')).toEqual(['hostler-site-https-s1', 'hostler-unknown-https'])
    expect(valueAt(config, ['apps', 'http', 'servers', 'hostler-http', 'logs', 'logger_names'])).toEqual({
      'www.example.com': 'hostler.s1',
      '*.example.net': 'hostler.s2',
    })
  })

  it('puts whole names before wildcards, whoever came first', () => {
    const config = withFront(withFront({}, site, front({ serves: ['*.example.com'] })), other, front())

    expect(idsAt(config, 'hostler-http').slice(0, 2)).toEqual(['hostler-site-http-s2', 'hostler-wild-http-s1'])
  })

  it('stays the same when it is made again, and is as it was once the names are gone', () => {
    const acme = { url: 'https://ca.example/dir', email: 'a@example.com', rootPem: 'x' }
    const full = front({ acme, challenges: [{ name: 'new.example.com', path: '/.well-known/hostler/1', body: 't' }] })
    const both = withFront(withFront({}, site, full), other, front({ serves: ['b.example.com'], acme }))

    expect(isSameJson(withFront(both, site, full), both)).toBe(true)
    expect(isSameJson(withoutFront(both, 's1'), withFront({}, other, front({ serves: ['b.example.com'], acme })))).toBe(
      true,
    )
    expect(withoutFront(withoutFront(both, 's1'), 's2')).toEqual({})
  })

  it('asks who the operator says for certificates, before policies of others', () => {
    const theirs: Json = { apps: { tls: { automation: { policies: [{ issuers: [{ module: 'internal' }] }] } } } }

    const config = withFront(
      theirs,
      site,
      front({ acme: { url: 'https://ca.example/dir', email: null, rootPem: 'x' } }),
    )

    expect(valueAt(config, ['apps', 'tls', 'automation', 'policies'])).toEqual([
      {
        '@id': 'hostler-policy-s1',
        subjects: ['www.example.com'],
        issuers: [{ module: 'acme', ca: 'https://ca.example/dir', trusted_roots_pem_files: ['/srv/root.pem'] }],
      },
      { issuers: [{ module: 'internal' }] },
    ])
    expect(isSameJson(withoutFront(config, 's1'), theirs)).toBe(true)
  })

  it.each([':443', 'tcp/:443', '0.0.0.0:443', '[::]:443'])(
    'goes before the routes of a server that listens on %s',
    (listen) => {
      const routes = [{ handle: [{ handler: 'static_response', body: 'theirs' }] }]
      const theirs: Json = { apps: { http: { servers: { srv0: { listen: [listen], routes } } } } }

      const config = withFront(theirs, site, front())

      expect(idsAt(config, 'srv0')).toEqual(['hostler-site-https-s1', ''])
      expect(valueAt(config, ['apps', 'http', 'servers', 'hostler-https'])).toBeUndefined()
      expect(isSameJson(withoutFront(config, 's1'), theirs)).toBe(true)
      expect(newPorts(theirs, config)).toEqual([])
    },
  )

  it('opens only ports that nobody in it has, of the numbers that Caddy was told', () => {
    const theirs: Json = { apps: { http: { http_port: 8080, https_port: 8443 } } }

    const config = withFront(theirs, site, front())

    expect(newPorts(theirs, config)).toEqual([8080, 8443])
    expect(newPorts(config, withFront(config, other, front({ serves: ['b.example.com'] })))).toEqual([])
  })

  it('never changes what is not ours, whatever it is', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.array(fc.jsonValue()), (foreign, list) => {
        const theirs = {
          apps: {
            http: { servers: { theirs: foreign as Json, srv0: { listen: [':80'], routes: list as Json } } },
            tls: { automation: { policies: list as Json } },
            pki: foreign as Json,
          },
        }

        const changed = withFront(theirs, site, front({ acme: { url: null, email: 'a@b.example', rootPem: null } }))

        expect(valueAt(changed, ['apps', 'pki'])).toBe(foreign)
        expect(valueAt(changed, ['apps', 'http', 'servers', 'theirs'])).toBe(foreign)
        expect((valueAt(changed, ['apps', 'http', 'servers', 'srv0', 'routes']) as Json[]).slice(1)).toEqual(list)
        expect((valueAt(changed, ['apps', 'tls', 'automation', 'policies']) as Json[]).slice(1)).toEqual(list)
      }),
    )
  })

  it('CI-06: holds a name as a value, whatever it is', () => {
    fc.assert(
      fc.property(fc.string(), (name) => {
        const config = withFront({}, site, front({ serves: [name], primary: name }))

        expect(valueAt(config, ['apps', 'http', 'servers', 'hostler-http', 'routes', '0'])).toBeUndefined()
        expect(idsAt(config, 'hostler-http')).toHaveLength(2)
      }),
    )
  })

  it('goes with the site, and says what a new Caddy has to be given back', () => {
    const edgeSite = { siteId: 's1', folder: site.folder, port: 8101, hostnames: [], access: openToAll }
    const acme = { url: 'https://ca.example/dir', email: null, rootPem: null }
    const config = withFront(withSite({}, edgeSite), site, front({ acme }))

    expect(savedParts(config).map(({ id, path }) => [id, path])).toEqual([
      ['log', 'logging/logs/hostler-certificates'],
      ['hostler-policy-s1', 'apps/tls/automation/policies/0'],
      ['server', 'apps/http/servers/hostler-http'],
      ['server', 'apps/http/servers/hostler-https'],
    ])
    expect(withoutSite(config, 's1')).toEqual({})
  })
})

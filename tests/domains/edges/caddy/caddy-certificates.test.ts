import { readdirSync, statSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { shownCertificate } from '../../../../server/domains/certificates/handshake.js'
import { restoreCommand } from '../../../../server/domains/edges/caddy/after-restart.js'
import type { EdgeSite } from '../../../../server/domains/edges/edge.js'
import type { Front } from '../../../../server/domains/edges/front.js'
import { Secret } from '../../../../server/platform/secret.js'
import type { TestCaddy } from '../../../support/caddy.js'
import { makeCertificate } from '../../../support/certificates.js'
import { ask, startEdge, type TestEdge } from '../../../support/edges.js'
import { needs } from '../../../support/parts.js'

const made = (name: string) => {
  const { certificate, key } = makeCertificate({ names: [name] })
  return { name, chain: certificate, key: new Secret(key) }
}

describe.skipIf(!needs('caddy', 'openssl'))('certificates of their own on Caddy', () => {
  let at: TestEdge
  let caddy: TestCaddy
  let site: EdgeSite
  beforeAll(async () => {
    at = await startEdge('caddy')
    if (at.caddy === null) throw new Error('no Caddy')
    caddy = at.caddy
    site = await at.newSite('certified')
  })
  afterAll(() => at?.stop())

  const [www, wild] = [made('www.example.test'), made('*.example.test')]
  const front = (change: Partial<Front> = {}): Front => ({
    serves: ['www.example.test', '*.example.test'],
    redirects: [],
    primary: 'www.example.test',
    forceHttps: true,
    hsts: false,
    certificates: [
      { id: 'd1', ...www },
      { id: 'd2', ...wild },
    ],
    challenges: [],
    acme: { url: 'https://127.0.0.1:9/dir', email: null, rootPem: null },
    ...change,
  })
  const apply = (change: Partial<Front> = {}) => at.edge.applyFront?.(at.host, site, front(change))
  const issuerOf = async (name: string) => (await shownCertificate(at.host, caddy.webPorts.https, name))?.issuer ?? null
  const folder = () => `${at.host.root}/caddy/certificates/certified`
  const whole = async () => JSON.stringify(await caddy.config())

  it('are shown for their names, a wildcard too, and nobody is asked for others', async () => {
    await apply()

    expect(await issuerOf('www.example.test')).toBe('Test, www.example.test')
    expect(await issuerOf('any.example.test')).toBe('Test, *.example.test')
    expect(await whole()).not.toContain('"subjects"')
    const redirected = await ask(caddy.webPorts.http, '/a', { headers: { host: 'any.example.test' } })
    expect([redirected.status, redirected.headers.location]).toEqual([308, 'https://any.example.test/a'])
  })

  it('leave no key where others than Caddy can read it', async () => {
    await apply()
    const keys = readdirSync(folder()).filter((name) => name.endsWith('.key'))

    expect(keys).toHaveLength(2)
    for (const key of keys) expect(statSync(`${folder()}/${key}`).mode & 0o777).toBe(0o600)
    expect(await whole()).not.toContain('PRIVATE KEY')
    expect(await whole()).not.toContain(www.key.reveal().split('\n')[1])
  })

  it('are replaced by the next ones, and what nobody shows any more is removed', async () => {
    const next = made('www.example.test')
    const before = readdirSync(folder())

    await apply({ certificates: [{ id: 'd1', ...next }] })

    const after = readdirSync(folder())
    expect(after).toHaveLength(2)
    expect(before).not.toContain(after[0])
    expect(await issuerOf('www.example.test')).toBe('Test, www.example.test')
    expect(await issuerOf('any.example.test')).toBeNull()
    expect((await ask(caddy.webPorts.http, '/', { headers: { host: 'any.example.test' } })).status).toBe(503)
  })

  it('are there again after a restart of Caddy', async () => {
    await apply()
    await caddy.restart()

    await at.host.run(await restoreCommand(at.host, { port: caddy.adminPort }), { timeoutMs: 30_000 })

    expect(await issuerOf('any.example.test')).toBe('Test, *.example.test')
    const writes = caddy.writes()
    await apply()
    expect(caddy.writes()).toBe(writes)
  })

  it('go with the site', async () => {
    await at.edge.removeSite(at.host, site)

    expect(await whole()).not.toContain('hostler')
    expect(() => readdirSync(folder())).toThrow('ENOENT')
  })
})

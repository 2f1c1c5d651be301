import { hash } from 'bcryptjs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { type AnsweringApp, startAnsweringApp } from '../../../../bench/support/answering-apps.js'
import { type Access, openToAll } from '../../../../server/domains/edges/access.js'
import type { EdgeSite } from '../../../../server/domains/edges/edge.js'
import type { Front } from '../../../../server/domains/edges/front.js'
import { Secret } from '../../../../server/platform/secret.js'
import type { TestCaddy } from '../../../support/caddy.js'
import { makeCertificate } from '../../../support/certificates.js'
import { ask, askSecurely, startEdge, type TestEdge } from '../../../support/edges.js'
import { needs } from '../../../support/parts.js'

const [www, apex] = ['www.example.test', 'example.test']
const made = makeCertificate({ names: [www, apex] })
const certificate = (name: string) => ({ id: name, name, chain: made.certificate, key: new Secret(made.key) })
const front: Front = {
  serves: [www],
  redirects: [{ name: apex, status: 301 }],
  primary: www,
  forceHttps: true,
  hsts: true,
  certificates: [certificate(www), certificate(apex)],
  challenges: [],
  acme: null,
}

describe.skipIf(!needs('caddy', 'openssl'))('what Caddy sets on every answer of a site', () => {
  let at: TestEdge
  let caddy: TestCaddy
  let site: EdgeSite
  let app: AnsweringApp
  beforeAll(async () => {
    at = await startEdge('caddy')
    if (at.caddy === null) throw new Error('no Caddy')
    caddy = at.caddy
    site = await at.newSite('answers')
    app = await startAnsweringApp('answers', '1')
  })
  beforeEach(() => apply())
  afterAll(async () => {
    await app?.stop()
    await at?.stop()
  })

  const headers = [{ name: 'X-Frame-Options', value: 'DENY' }]
  const apply = (access: Partial<Access> = {}) =>
    at.edge.applyFront?.(at.host, { ...site, access: { ...openToAll, headers, ...access } }, front)
  const bySecure = (name: string) => askSecurely({ port: caddy.webPorts.https, name, ca: made.certificate })
  const byPlain = (name: string) => ask(caddy.webPorts.http, '/', { headers: { host: name } })
  const byPort = () => ask(site.port)

  /** Status, the header that the team set, and whether HSTS was said. */
  const seen = async (answer: Promise<{ status: number; headers: Record<string, unknown> }>) => {
    const { status, headers: got } = await answer
    return [status, got['x-frame-options'], got['strict-transport-security'] !== undefined]
  }

  it('is on what the site says, and on what says that nothing is here yet', async () => {
    const before = await Promise.all([seen(bySecure(www)), seen(byPort())])
    await at.switchTo(site, app.address)
    const after = await Promise.all([seen(bySecure(www)), seen(byPort())])

    expect(before).toEqual([
      [503, 'DENY', true],
      [503, 'DENY', false],
    ])
    expect(after).toEqual([
      [200, 'DENY', true],
      [200, 'DENY', false],
    ])
  })

  it('is on redirects, HSTS only on those by HTTPS', async () => {
    expect(await Promise.all([seen(byPlain(www)), seen(byPlain(apex)), seen(bySecure(apex))])).toEqual([
      [308, 'DENY', false],
      [301, 'DENY', false],
      [301, 'DENY', true],
    ])
  })

  it('is on the question for a password', async () => {
    await apply({ users: [{ name: 'ada', hash: await hash('a long walk', 10) }] })

    expect(await Promise.all([seen(bySecure(www)), seen(byPort())])).toEqual([
      [401, 'DENY', true],
      [401, 'DENY', false],
    ])
  })

  it('is on the maintenance page', async () => {
    await apply({ maintenance: '' })

    expect(await Promise.all([seen(bySecure(www)), seen(byPort())])).toEqual([
      [503, 'DENY', true],
      [503, 'DENY', false],
    ])
  })

  it('lets nobody keep what we say for the site', async () => {
    await apply({ headers: [{ name: 'Cache-Control', value: 'max-age=60' }] })
    const keeping = async () => (await byPort()).headers['cache-control']
    await at.switchTo(site, app.address)
    const shown = await keeping()
    await at.switchTo(site, '127.0.0.1:1')

    expect([shown, await keeping()]).toEqual(['max-age=60', 'no-store'])
  })

  it('is on the answer that the instance is gone', async () => {
    await at.switchTo(site, '127.0.0.1:1')

    expect(await Promise.all([seen(bySecure(www)), seen(byPort())])).toEqual([
      [502, 'DENY', true],
      [502, 'DENY', false],
    ])
  })
})

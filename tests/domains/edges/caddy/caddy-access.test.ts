import { once } from 'node:events'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hash } from 'bcryptjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAnsweringApp } from '../../../../bench/support/answering-apps.js'
import { startLoad } from '../../../../bench/support/load.js'
import { lostOf } from '../../../../bench/support/tally.js'
import { type Access, openToAll } from '../../../../server/domains/edges/access.js'
import { restoreCommand } from '../../../../server/domains/edges/caddy/after-restart.js'
import type { EdgeSite } from '../../../../server/domains/edges/edge.js'
import type { Front } from '../../../../server/domains/edges/front.js'
import { longNotice, shortNotice, type TestCaddy } from '../../../support/caddy.js'
import { ask, startEdge, type TestEdge } from '../../../support/edges.js'
import { needs } from '../../../support/parts.js'

const front: Front = {
  serves: ['www.example.test'],
  redirects: [],
  primary: 'www.example.test',
  forceHttps: false,
  hsts: false,
  certificates: [],
  challenges: [{ name: 'www.example.test', path: '/.well-known/hostler/1', body: 'token' }],
  acme: { url: 'https://127.0.0.1:9/dir', email: null, rootPem: null },
}

describe.skipIf(!needs('caddy'))('what stands before a site on Caddy', () => {
  let at: TestEdge
  let caddy: TestCaddy
  let site: EdgeSite
  let app: Awaited<ReturnType<typeof startAnsweringApp>>
  beforeAll(async () => {
    at = await startEdge('caddy')
    if (at.caddy === null) throw new Error('no Caddy')
    caddy = at.caddy
    site = await at.newSite('kept')
    app = await startAnsweringApp('kept', '1')
    await at.edge.applyFront?.(at.host, site, front)
    await at.switchTo(site, app.address)
  })
  afterAll(async () => {
    await app?.stop()
    await at?.stop()
  })

  const apply = (access: Partial<Access>) =>
    at.edge.applyFront?.(at.host, { ...site, access: { ...openToAll, ...access } }, front)
  /** By its name, and by its port. */
  const visit = (headers: Record<string, string> = {}, path = '/') =>
    Promise.all([
      ask(caddy.webPorts.http, path, { headers: { ...headers, host: 'www.example.test' } }),
      ask(site.port, path, { headers }),
    ])
  const basic = (words: string) => ({ authorization: `Basic ${Buffer.from(words).toString('base64')}` })

  it('asks for a password by the name and by the port', async () => {
    await apply({ users: [{ name: 'ada', hash: await hash('a long walk', 10) }] })

    const [without, wrong, right] = [await visit(), await visit(basic('ada:no')), await visit(basic('ada:a long walk'))]

    for (const answer of without) {
      expect(answer).toMatchObject({ status: 401, headers: { 'www-authenticate': 'Basic realm="This site"' } })
      expect(answer.body).toContain('asks for a password')
    }
    expect(wrong.map(({ status }) => status)).toEqual([401, 401])
    expect(right.map(({ status, headers }) => [status, headers['x-site']])).toEqual([
      [200, 'kept'],
      [200, 'kept'],
    ])
  })

  it('keeps the password from the site', async () => {
    const program = createServer((request, response) => response.end(`${request.headers.authorization}`)).listen(
      0,
      '127.0.0.1',
    )
    await once(program, 'listening')
    await at.switchTo(site, `127.0.0.1:${(program.address() as AddressInfo).port}`)

    const heard = await visit(basic('ada:a long walk'))

    expect(heard.map(({ body }) => body)).toEqual(['undefined', 'undefined'])
    await at.switchTo(site, app.address)
    program.close()
  })

  it('answers proofs and the question for the right program without one', async () => {
    await apply({ users: [{ name: 'ada', hash: await hash('a long walk', 10) }], maintenance: '' })

    const [proof] = await visit({}, '/.well-known/hostler/1')

    expect(proof).toMatchObject({ status: 200, body: 'token' })
    await at.edge.ensureSite(at.host, { ...site, access: { ...openToAll, maintenance: '' } })
  })

  it('sets headers on every answer in place of the site’s, whatever stands in them', async () => {
    const value = '{env.PATH} \\{http.request.host} {"a":{"b":1}} \\\\ }'
    await apply({
      headers: [
        { name: 'X-Site', value: 'ours' },
        { name: 'Report-To', value },
      ],
    })

    for (const { status, headers } of await visit())
      expect([status, headers['x-site'], headers['report-to']]).toEqual([200, 'ours', value])
  })

  it('shows the maintenance page with the text as it was written, while the site runs', async () => {
    await apply({
      maintenance: '<script>alert(1)</script>\n{env.PATH} & "noon"',
      headers: [{ name: 'X-A', value: 'b' }],
    })

    for (const { status, headers, body } of await visit(basic('ada:no'))) {
      expect([status, headers['retry-after'], headers['x-a']]).toEqual([503, '300', 'b'])
      expect(body).toContain('&#60;script&#62;alert(1)&#60;/script&#62;<br>\n{env.PATH} &#38; &#34;noon&#34;')
    }
    await apply({})
    expect((await visit()).map(({ status }) => status)).toEqual([200, 200])
  })

  it('is there again after a restart of Caddy, before anybody gets in without it', async () => {
    await apply({ users: [{ name: 'ada', hash: await hash('a long walk', 10) }] })
    await caddy.restart()

    await at.host.run(await restoreCommand(at.host, { port: caddy.adminPort }), { timeoutMs: 30_000 })

    expect((await visit()).map(({ status }) => status)).toEqual([401, 401])
    await apply({})
  })

  it('loses no request of the site while it is changed', async () => {
    const url = at.edge.url('127.0.0.1', site)
    await caddy.giveNotice(longNotice)
    const load = startLoad({ url, site: 'kept', perSecond: 100, connections: 4, longestMs: 20_000 })

    for (const value of ['a', 'b']) await apply({ headers: [{ name: 'X-A', value }] })
    await apply({})

    const result = await load.stop()
    await caddy.giveNotice(shortNotice)
    expect(lostOf(result)).toEqual({})
  })
})

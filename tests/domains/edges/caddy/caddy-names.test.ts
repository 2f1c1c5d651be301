import { createServer } from 'node:net'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAnsweringApp } from '../../../../bench/support/answering-apps.js'
import { startLoad } from '../../../../bench/support/load.js'
import { lostOf } from '../../../../bench/support/tally.js'
import { restoreCommand } from '../../../../server/domains/edges/caddy/after-restart.js'
import type { EdgeSite } from '../../../../server/domains/edges/edge.js'
import type { Front } from '../../../../server/domains/edges/front.js'
import { longNotice, shortNotice, type TestCaddy } from '../../../support/caddy.js'
import { ask, startEdge, type TestEdge } from '../../../support/edges.js'
import { needs } from '../../../support/parts.js'

const front = (change: Partial<Front> = {}): Front => ({
  serves: ['www.example.test'],
  redirects: [],
  primary: 'www.example.test',
  forceHttps: false,
  hsts: false,
  certificates: [],
  challenges: [],
  // Nobody is asked for a certificate: nobody there would give one.
  acme: { url: 'https://127.0.0.1:9/dir', email: null, rootPem: null },
  ...change,
})

describe.skipIf(!needs('caddy'))('names of sites on a Caddy that serves others too', () => {
  let at: TestEdge
  let caddy: TestCaddy
  beforeAll(async () => {
    at = await startEdge('caddy')
    if (at.caddy === null) throw new Error('no Caddy')
    caddy = at.caddy
  })
  afterAll(() => at.stop())

  const apply = (site: EdgeSite, change: Partial<Front> = {}) => at.edge.applyFront?.(at.host, site, front(change))
  const visit = (name: string, path = '/') => ask(caddy.webPorts.http, path, { headers: { host: name } })
  const textOf = async (path: string) => (await fetch(`http://127.0.0.1:${caddy.adminPort}/config/${path}`)).text()

  it('show the site by its name, in any case and with any port, and nobody’s site by another (HD-04)', async () => {
    const site = await at.newSite('named')
    const app = await startAnsweringApp('named', '1')
    await apply(site)
    await at.switchTo(site, app.address)

    expect((await visit('www.example.test')).headers['x-site']).toBe('named')
    expect((await visit('WWW.Example.test:80')).headers['x-site']).toBe('named')
    for (const name of ['example.test', 'other.test', '127.0.0.1', 'a.www.example.test']) {
      const got = await visit(name)
      expect([got.status, got.headers['x-site']], name).toEqual([421, undefined])
    }
    await app.stop()
    await at.edge.removeSite(at.host, site)
  })

  it('redirect with the path and the status that were wanted', async () => {
    const site = await at.newSite('moved')
    await apply(site, {
      redirects: [
        { name: 'example.test', status: 308 },
        { name: '*.example.test', status: 301 },
      ],
    })

    const [apex, wild] = [await visit('example.test', '/a/%2e?b=c&d=%20'), await visit('x.example.test')]

    expect([apex.status, apex.headers.location]).toEqual([308, 'http://www.example.test/a/%2e?b=c&d=%20'])
    expect([wild.status, wild.headers.location]).toEqual([301, 'http://www.example.test/'])
    expect((await visit('www.example.test')).body).toContain('Nothing is deployed here yet')
    await at.edge.removeSite(at.host, site)
  })

  it('send visitors to HTTPS where that is wanted, but answer proofs', async () => {
    const site = await at.newSite('secure')
    const challenges = [{ name: 'new.example.test', path: '/.well-known/hostler/1', body: 'token' }]
    await apply(site, { forceHttps: true, redirects: [{ name: 'example.test', status: 308 }], challenges })

    expect((await visit('www.example.test', '/a?b')).headers.location).toBe('https://www.example.test/a?b')
    expect((await visit('example.test', '/a?b')).headers.location).toBe('https://www.example.test/a?b')
    expect(await visit('new.example.test', '/.well-known/hostler/1')).toMatchObject({ status: 200, body: 'token' })
    expect((await visit('new.example.test', '/')).status).toBe(421)
    expect((await visit('www.example.test', '/.well-known/hostler/1')).status).toBe(308)
    await at.edge.removeSite(at.host, site)
  })

  it('leave Caddy as we found it', async () => {
    const before = await textOf('')
    const [one, two] = [await at.newSite(), await at.newSite()]

    await apply(one)
    await apply(two, { serves: ['two.example.test'], primary: null })
    const during = await ask(caddy.foreignPort)
    for (const site of [one, two]) await at.edge.removeSite(at.host, site)

    expect(during.body).toBe('theirs')
    expect(await textOf('')).toBe(before)
  })

  it('write nothing where all is right already', async () => {
    const site = await at.newSite()
    await apply(site)
    const writes = caddy.writes()

    await apply(site)

    expect(caddy.writes()).toBe(writes)
    await at.edge.removeSite(at.host, site)
  })

  it('are there again by themselves where systemd runs our script after a start', async () => {
    const [one, two] = [await at.newSite(), await at.newSite()]
    await apply(one)
    await apply(two, { serves: ['two.example.test'], primary: null })
    await caddy.restart()

    const restore = await restoreCommand(at.host, { port: caddy.adminPort })
    await at.host.run(restore, { timeoutMs: 30_000 })
    // What is there is left alone, and told of by the exit code.
    await at.host.status(restore, { timeoutMs: 30_000 })
    const writes = caddy.writes()

    expect((await visit('two.example.test')).status).toBe(503)
    await apply(one)
    await apply(two, { serves: ['two.example.test'], primary: null })
    expect(caddy.writes()).toBe(writes)
    for (const site of [one, two]) await at.edge.removeSite(at.host, site)
  })

  it('lose no request of a site while names come and go', { timeout: 60_000 }, async () => {
    const [site, other] = [await at.newSite('busy'), await at.newSite()]
    const app = await startAnsweringApp('busy', '1')
    await apply(site, { serves: ['127.0.0.1'], primary: null, acme: null })
    await at.switchTo(site, app.address)
    const url = `http://127.0.0.1:${caddy.webPorts.http}`
    await caddy.giveNotice(longNotice)
    const load = startLoad({ url, site: 'busy', perSecond: 100, connections: 4, longestMs: 20_000 })

    for (const name of ['a.example.test', 'b.example.test']) await apply(other, { serves: [name], primary: null })
    await at.edge.removeSite(at.host, other)

    const result = await load.stop()
    await caddy.giveNotice(shortNotice)
    await app.stop()
    expect(lostOf(result)).toEqual({})
    await at.edge.removeSite(at.host, site)
  })

  it('say so when another program has the port', async () => {
    const squatter = createServer()
    await new Promise<void>((resolve) => squatter.listen(caddy.webPorts.https, () => resolve()))
    const site = await at.newSite()

    await expect(apply(site)).rejects.toThrow(`Port ${caddy.webPorts.https} on web-1 is taken by another program`)

    squatter.close()
    await at.edge.removeSite(at.host, site)
  })
})

describe.skipIf(!needs('caddy'))('names of sites where somebody else has the port in that Caddy', () => {
  it('go before theirs and leave theirs alone', async () => {
    const theirs = ({ http }: { http: number }) => ({
      srv0: { listen: [`:${http}`], routes: [{ handle: [{ handler: 'static_response', body: 'their site' }] }] },
    })
    const at = await startEdge('caddy', { theirs })
    const { caddy } = at
    if (caddy === null) throw new Error('no Caddy')
    const site = await at.newSite('guest')
    const app = await startAnsweringApp('guest', '1')
    const visit = (name: string) => ask(caddy.webPorts.http, '/', { headers: { host: name } })

    await at.edge.applyFront?.(at.host, site, front())
    await at.switchTo(site, app.address)

    expect((await visit('www.example.test')).headers['x-site']).toBe('guest')
    expect((await visit('their.example.test')).body).toBe('their site')
    await caddy.restart()
    await at.host.run(await restoreCommand(at.host, { port: caddy.adminPort }), { timeoutMs: 30_000 })
    expect((await visit('www.example.test')).headers['x-site']).toBe('guest')
    await at.edge.removeSite(at.host, site)
    expect((await visit('www.example.test')).body).toBe('their site')
    await app.stop()
    await at.stop()
  })
})

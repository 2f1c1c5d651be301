import { mkdir } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startAnsweringApp } from '../../../../bench/support/answering-apps.js'
import { startLoad } from '../../../../bench/support/load.js'
import { lostOf } from '../../../../bench/support/tally.js'
import { restoreCommand } from '../../../../server/domains/edges/caddy/after-restart.js'
import { caddyEdge } from '../../../../server/domains/edges/caddy/caddy-edge.js'
import { changeConfig } from '../../../../server/domains/edges/caddy/changes.js'
import { type Json, withValue } from '../../../../server/domains/edges/caddy/json.js'
import { longNotice, shortNotice, type TestCaddy } from '../../../support/caddy.js'
import { ask, startEdge, type TestEdge } from '../../../support/edges.js'
import { needs } from '../../../support/parts.js'

describe.skipIf(!needs('caddy'))("Caddy that serves other people's sites too", () => {
  let at: TestEdge
  let caddy: TestCaddy
  beforeAll(async () => {
    at = await startEdge('caddy')
    if (at.caddy === null) throw new Error('no Caddy')
    caddy = at.caddy
  })
  afterAll(() => at.stop())

  const textOf = async (path: string) => (await fetch(`http://127.0.0.1:${caddy.adminPort}/config/${path}`)).text()

  it('is as we found it once our last site is gone, and theirs never changed', async () => {
    const [before, theirs] = [await textOf(''), await textOf('apps/http/servers/theirs')]
    const [one, two] = [await at.newSite(), await at.newSite()]

    for (const site of [one, two]) await at.edge.ensureSite(at.host, site)
    const between = await textOf('apps/http/servers/theirs')
    const answer = await ask(caddy.foreignPort)
    for (const site of [one, two]) await at.edge.removeSite(at.host, site)

    expect(between).toBe(theirs)
    expect(answer.body).toBe('theirs')
    expect(await textOf('')).toBe(before)
  })

  it('writes nothing where all is right already', async () => {
    const site = await at.newSite()
    await at.edge.ensureSite(at.host, site)
    const writes = caddy.writes()

    await at.edge.ensureSite(at.host, site)

    expect(await at.edge.reconcile(at.host, [site])).toBe(false)
    expect(caddy.writes()).toBe(writes)
    await at.edge.removeSite(at.host, site)
  })

  it('takes sites that come at the same moment, and a change by somebody else between them', async () => {
    const sites = await Promise.all([at.newSite(), at.newSite(), at.newSite()])
    const route = ['apps', 'http', 'servers', 'theirs', 'idle_timeout']

    await Promise.all([
      ...sites.map((site) => at.edge.ensureSite(at.host, site)),
      changeConfig(at.host, { port: caddy.adminPort }, (config) => withValue(config, route, '77s')),
    ])

    for (const site of sites) expect((await ask(site.port)).status).toBe(503)
    expect(await textOf('apps/http/servers/theirs/idle_timeout')).toBe('"77s"\n')
    for (const site of sites) await at.edge.removeSite(at.host, site)
  })

  it('writes what comes while it is being changed together, and leaves out what cannot be', async () => {
    const writes = caddy.writes()
    const door = { port: caddy.adminPort }
    const set = (value: number) =>
      changeConfig(at.host, door, (config) => withValue(config, ['apps', 'n', `${value}`], 1))
    const mark = (name: string) => (config: Json) =>
      withValue(config, ['apps', 'http', 'servers', 'theirs', name], '9s')

    const outcomes = await Promise.allSettled([
      changeConfig(at.host, door, mark('idle_timeout')),
      changeConfig(at.host, door, mark('read_timeout')),
      changeConfig(at.host, door, () => Promise.reject(new Error('the port is taken'))),
      changeConfig(at.host, door, mark('write_timeout')),
      changeConfig(at.host, door, mark('write_timeout')),
    ])

    expect(outcomes).toMatchObject([
      { value: true },
      { value: true },
      { reason: { message: 'the port is taken' } },
      { value: true },
      { value: false },
    ])
    expect(caddy.writes() - writes).toBe(2)
    expect(await textOf('apps/http/servers/theirs/write_timeout')).toBe('"9s"\n')
    // Caddy refuses all of it; those that it would take are written alone.
    const refused = await Promise.allSettled([
      changeConfig(at.host, door, mark('idle_timeout')),
      set(1),
      changeConfig(at.host, door, mark('read_header_timeout')),
    ])
    expect(refused.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
  })

  it('serves all sites again, where they were, when it forgot them in a restart', async () => {
    const [one, two] = [await at.newSite('one'), await at.newSite('two')]
    const app = await startAnsweringApp('one', '1')
    for (const site of [one, two]) await at.edge.ensureSite(at.host, site)
    await at.switchTo(one, app.address)
    await caddy.restart()
    const writes = caddy.writes()

    const hadTo = await at.edge.reconcile(at.host, [one, two])

    expect(hadTo).toBe(true)
    expect(caddy.writes() - writes).toBe(1)
    expect((await ask(one.port)).headers['x-site']).toBe('one')
    expect((await ask(two.port)).status).toBe(503)
    await app.stop()
    for (const site of [one, two]) await at.edge.removeSite(at.host, site)
  })

  it('serves them again by itself where systemd runs our script after its start', async () => {
    const [one, two] = [await at.newSite('uno'), await at.newSite('due')]
    for (const site of [one, two]) await at.edge.ensureSite(at.host, site)
    const before = await caddy.config()
    await caddy.restart()

    await at.host.run(await restoreCommand(at.host, { port: caddy.adminPort }), { timeoutMs: 10_000 })

    expect(await caddy.config()).toEqual(before)
    expect((await ask(two.port)).status).toBe(503)
    expect(await at.edge.reconcile(at.host, [one, two])).toBe(false)
    for (const site of [one, two]) await at.edge.removeSite(at.host, site)
  })

  it('loses no request of a site while another one is added and removed', async () => {
    const [site, other] = [await at.newSite('busy'), await at.newSite()]
    const app = await startAnsweringApp('busy', '1')
    await at.edge.ensureSite(at.host, site)
    await at.switchTo(site, app.address)
    const url = at.edge.url('127.0.0.1', site)
    await caddy.giveNotice(longNotice)
    const load = startLoad({ url, site: 'busy', perSecond: 100, connections: 4, longestMs: 8_000 })

    await at.edge.ensureSite(at.host, other)
    await at.edge.removeSite(at.host, other)

    const result = await load.stop()
    await caddy.giveNotice(shortNotice)
    await app.stop()
    expect(lostOf(result)).toEqual({})
  })

  it('says so when it may not enter the folder of the site', async () => {
    const site = await at.newSite('closed')
    await mkdir(site.folder, { recursive: true, mode: 0o700 })

    const ensured = at.edge.ensureSite(at.host, site)

    // As root it may enter everything.
    if (caddy.user === 'caddy') await expect(ensured).rejects.toThrow(/Caddy on web-1 (cannot read|may not write)/)
    else await ensured
    await at.edge.removeSite(at.host, site)
  })

  it('is told to be started when it does not answer', async () => {
    const door = { port: 1 }
    const site = await at.newSite()

    const found = await caddyEdge({ door, user: 'root' }).check(at.host)
    const ensured = caddyEdge({ door, user: 'root' }).ensureSite(at.host, site)

    expect(await at.edge.check(at.host)).toEqual({ ok: true })
    expect(found).toMatchObject({ ok: false, why: 'Caddy on web-1 does not answer on its admin port 1' })
    await expect(ensured).rejects.toThrow('Caddy on web-1 does not answer on its admin port 1')
  })
})

describe.skipIf(!needs('caddy'))('Caddy that nobody has set up', () => {
  it('gets our three seconds of notice before a change', async () => {
    const at = await startEdge('caddy', { bare: true })
    const site = await at.newSite()

    await at.edge.ensureSite(at.host, site)

    expect(await at.caddy?.config()).toMatchObject({ apps: { http: { shutdown_delay: 3_000_000_000 } } })
    expect((await ask(site.port)).status).toBe(503)
    await at.stop()
  })
})

import { chmod, readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type AnsweringApp, startAnsweringApp } from '../../../bench/support/answering-apps.js'
import { startLoad } from '../../../bench/support/load.js'
import { lostOf } from '../../../bench/support/tally.js'
import { caddyEdge } from '../../../server/domains/edges/caddy/caddy-edge.js'
import { directEdge } from '../../../server/domains/edges/direct/direct-edge.js'
import { stopRelay } from '../../../server/domains/edges/direct/relay-process.js'
import type { Edge, EdgeSite } from '../../../server/domains/edges/edge.js'
import { takeOver } from '../../../server/domains/edges/take-over.js'
import { ask, startEdge, type TestEdge } from '../../support/edges.js'
import { needs } from '../../support/parts.js'

describe.skipIf(!needs('caddy'))('a site that comes behind another edge', () => {
  let at: TestEdge
  let app: AnsweringApp
  let site: EdgeSite
  beforeAll(async () => {
    at = await startEdge('caddy', { bare: true })
    app = await startAnsweringApp('shop', '1')
    site = await at.newSite('shop')
    await directEdge.ensureSite(at.host, site)
    await at.switchTo(site, app.address)
  })
  afterAll(async () => {
    await app.stop()
    await stopRelay(at.host)
    await at.stop()
  })

  const served = async () => (await ask(site.port)).headers
  const load = () => startLoad({ url: directEdge.url('127.0.0.1', site), site: 'shop', perSecond: 100, connections: 2 })
  const broken: Edge = caddyEdge({ door: { port: 1 }, user: 'root' })

  it('stays where it is, unseen by visitors, when the other one does not answer', async () => {
    const visitors = load()

    await expect(takeOver(at.host, site, directEdge, broken)).rejects.toThrow('does not answer on its admin port 1')

    expect(lostOf(await visitors.stop())).toEqual({})
  })

  it('is behind the first one again when the other one took the port and cannot show it', async () => {
    await chmod(site.folder, 0o700)

    const taken = takeOver(at.host, site, directEdge, at.edge)

    // As root it may enter everything.
    if (at.caddy?.user === 'caddy') await expect(taken).rejects.toThrow(/cannot read|may not write/)
    else await taken.then(() => takeOver(at.host, site, at.edge, directEdge))
    await chmod(site.folder, 0o755)
    expect(await served()).toMatchObject({ 'x-site': 'shop' })
    expect(await served()).not.toHaveProperty('server')
  })

  it('is taken twice as once, with nobody cut who is connected', async () => {
    const visitors = load()

    await takeOver(at.host, site, directEdge, at.edge)
    await takeOver(at.host, site, directEdge, at.edge)

    expect(lostOf(await visitors.stop())).toEqual({})
    expect(await served()).toMatchObject({ 'x-site': 'shop', server: 'Caddy' })
  })

  it('goes on with the log of its requests', async () => {
    await ask(site.port, '/seen-by-caddy')

    const log = () => readFile(`${site.folder}/logs/access.log`, 'utf8')
    await expect.poll(log, { timeout: 3_000 }).toContain('/seen-by-caddy')
  })

  it('comes behind the relay although the Caddy that it was behind runs no more', async () => {
    await at.caddy?.stop()

    await takeOver(at.host, site, at.edge, directEdge)

    expect(await served()).toMatchObject({ 'x-site': 'shop' })
    expect(await served()).not.toHaveProperty('server')
  })
})

import { pino } from 'pino'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { findLostSitesHandler } from '../../jobs/domains/find-lost-sites.js'
import { removeSiteHandler } from '../../jobs/sites/remove-site.js'
import { caddyEdge } from '../../server/domains/edges/caddy/caddy-edge.js'
import { newId } from '../../server/platform/ids.js'
import { run } from '../../server/platform/operations/runner.js'
import { requestRemoval } from '../../server/sites/removal.js'
import { type DomainWorld, domainWorld } from '../support/domain-world.js'
import { ask } from '../support/edges.js'
import { makeRelease, makeSite } from '../support/make.js'
import { needs } from '../support/parts.js'
import { freePort } from '../support/ports.js'

describe.skipIf(!needs('caddy'))('what Caddy has lost without a word', () => {
  let w: DomainWorld
  beforeAll(async () => {
    w = await domainWorld()
    const { id } = (await w.api('POST', '/domains', { name: 'www.example.test' })).json.domain
    const { proof } = (await w.api('GET', `/domains/${id}`)).json
    w.dns.zone = { [proof.name]: { TXT: [proof.value] } }
  }, 30_000)
  beforeEach(() => w.work())
  afterAll(() => w?.close())

  const front = async () => (await w.api('GET', '/domains')).json.front.state
  /** Where nobody is there, so that nothing but our own pages is seen. */
  const visit = async () => (await ask(w.caddy.webPorts.http, '/', { headers: { host: 'www.example.test' } })).status
  const take = (path: string) =>
    fetch(`http://127.0.0.1:${w.caddy.adminPort}/config/apps/http/servers/${path}`, { method: 'DELETE' })

  it('is set up again when it has read its own file once more, which knows nothing of us', async () => {
    await w.caddy.restart()
    await expect(visit()).rejects.toThrow('ECONNREFUSED')

    expect(await w.work()).toEqual(['succeeded'])

    expect([await visit(), await front()]).toEqual([308, 'applied'])
    expect((await ask(w.site.port)).status).toBe(503)
    expect(await w.work()).toEqual([])
  })

  it('is set up again where only the names are gone', async () => {
    await take('hostler-http')

    expect(await w.work()).toEqual(['succeeded'])

    expect(await visit()).toBe(308)
  })

  it('is set up again for a site that has nothing but its port', async () => {
    const port = await freePort()
    const plain = await makeSite(w.test, w.server, w.acme, { edge: 'caddy', port })
    const never = await w.work()
    const { id } = await makeRelease(w.test, plain, w.acme, { state: 'live' })
    await w.test.query('update sites set live_release_id = $1 where id = $2', [id, plain.id])

    const once = await w.work()

    expect([never, once, await w.work()]).toEqual([[], ['succeeded'], []])
    expect((await ask(port)).status).toBe(503)
    await w.test.query('delete from sites where id = $1', [plain.id])
  })

  it('is asked for although another site of the server cannot be written down, which is told of', async () => {
    const other = await makeSite(w.test, w.server, w.acme, { edge: 'caddy', port: await freePort() })
    const { id } = await makeRelease(w.test, other, w.acme, { state: 'live' })
    await w.test.query('update sites set live_release_id = $1 where id = $2', [id, other.id])
    const warnings: string[] = []
    const { log } = w.services
    Object.assign(w.services, { log: pino({ level: 'warn' }, { write: (line: string) => warnings.push(line) }) })
    await w.test.query(`
      create function refuse() returns trigger language plpgsql as $$ begin raise 'The disk is full'; end $$;
      create trigger refuse before update on fronts for each row when (old.site_id = '${w.site.id}') execute function refuse()`)

    await w.caddy.restart()
    await findLostSitesHandler(w.parts).run({}, { services: w.services, signal: new AbortController().signal })

    await w.test.query('drop function refuse cascade')
    Object.assign(w.services, { log })
    expect(await w.test.query('select revision from fronts where site_id = $1', [other.id])).toHaveLength(1)
    expect(warnings).toEqual([
      expect.stringMatching(new RegExp(`${w.site.id}.*The disk is full|The disk is full.*${w.site.id}`)),
    ])
    await w.test.query('delete from sites where id = $1', [other.id])
  })

  it('waits for a Caddy that does not run', async () => {
    const { lost } = w.at.edge
    Object.assign(w.at.edge, { lost: caddyEdge({ door: { port: 1 }, user: 'root' }).lost })

    const ended = await w.work()

    Object.assign(w.at.edge, { lost })
    expect([ended, await front()]).toEqual([[], 'applied'])
  })

  it('is set up again when a deletion has failed half-way', async () => {
    const { removePlace } = w.parts.runtimes.process
    Object.assign(w.parts.runtimes.process, { removePlace: () => Promise.reject(new Error('The disk is gone')) })
    const asked = await requestRemoval(await w.ctx('owner'), 'shop', { confirm: 'shop', leaveBehind: false })
    const handlers = new Map([['remove-site', removeSiteHandler(w.parts)]])
    await run(w.services, handlers, asked ?? '', newId(), new AbortController().signal)
    Object.assign(w.parts.runtimes.process, { removePlace })

    const after = await front()
    const ended = await w.work()

    expect([after, ended]).toEqual(['waiting', ['succeeded']])
    expect(await visit()).toBe(308)
  })
})

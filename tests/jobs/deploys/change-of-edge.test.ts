import { existsSync, readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startLoad } from '../../../bench/support/load.js'
import type { LoadResult } from '../../../bench/support/tally.js'
import { lostOf } from '../../../bench/support/tally.js'
import { operationHandlers } from '../../../jobs/operations.js'
import { requestDeploy } from '../../../server/deploys/deploys.js'
import { changeHeaders } from '../../../server/domains/access/access.js'
import { caddyEdge } from '../../../server/domains/edges/caddy/caddy-edge.js'
import type { Edge, EdgeName } from '../../../server/domains/edges/edge.js'
import { newId } from '../../../server/platform/ids.js'
import { run } from '../../../server/platform/operations/runner.js'
import { requestPreparation } from '../../../server/servers/servers.js'
import { requestRemoval } from '../../../server/sites/removal.js'
import { startCaddy, type TestCaddy } from '../../support/caddy.js'
import { ask } from '../../support/edges.js'
import { makeSite } from '../../support/make.js'
import { needs } from '../../support/parts.js'
import { freePort } from '../../support/ports.js'
import { type Stage, startStage } from '../../support/stage.js'

const program = readFileSync(new URL('../../../bench/support/answering-app.cjs', import.meta.url), 'utf8')
const files = (release: number) => ({
  'package.json': JSON.stringify({ name: 'app', engines: { node: '22.23.0' } }),
  'server.js': `process.env.SITE = 'shop'; process.env.RELEASE = '${release}'\n${program}`,
})

describe.skipIf(!needs('caddy', 'curl', 'git', 'runit', 'sshd'))('a server that is prepared for another edge', () => {
  let stage: Stage
  let caddy: TestCaddy
  let other: { id: string; slug: string }
  beforeAll(async () => {
    caddy = await startCaddy({ bare: true })
    stage = await startStage({ health_path: '/health' }, files(1))
    stage.parts.edges.caddy = caddyEdge({ door: { port: caddy.adminPort }, user: caddy.user })
    await succeed(stage.deploy())
  })
  afterAll(async () => {
    await stage.stop()
    await caddy.stop()
  })

  const finish = async (operation: string) => {
    await run(stage.test.services, operationHandlers(stage.parts), operation, newId(), new AbortController().signal)
    const [ended] = await stage.test.database.query('select status, message from operations where id = $1', [operation])
    expect(ended).toEqual({ status: 'succeeded', message: null })
  }
  const prepare = async (edge: EdgeName) =>
    finish(await requestPreparation(stage.ctx, stage.server.id, { runtime: 'process', edge }))
  const succeed = async (deploy: ReturnType<Stage['deploy']>) => {
    const done = await deploy
    const log = await stage.log(done)
    expect(done, log.join('\n')).toMatchObject({ status: 'succeeded' })
    return log
  }
  const push = async (release: number) => {
    await stage.repository.commit({ files: files(release) })
    return stage.deploy()
  }

  /** Which edge knows a site, and which one its row says. */
  const whereIs = async (siteId = stage.site.id) => {
    const { apps } = await caddy.config()
    const [row] = await stage.test.database.query('select edge from sites where id = $1', [siteId])
    return {
      row: row?.edge,
      caddy: apps !== undefined && `hostler-${siteId}` in apps.http.servers,
      relay: existsSync(`${stage.host.root}/relay/sites/${siteId}.json`),
    }
  }
  /** What visitors of its names meet, as if it were so already. */
  const setUp = () =>
    stage.test.database.query(
      `insert into fronts (site_id, team_id, applied_revision, applied_edge) values ($1, $2, 1, 'caddy')
       on conflict (site_id) do update set applied_revision = fronts.revision`,
      [stage.site.id, stage.ctx.team.id],
    )
  const isSetUp = async () =>
    (await stage.test.database.query('select applied_revision from fronts'))[0]?.applied_revision !== null
  const behindCaddy = { row: 'caddy', caddy: true, relay: false }
  const behindRelay = { row: 'direct', caddy: false, relay: true }

  /** Over so few connections that each is always in use, and none has to be opened but when it was closed. */
  const load = () =>
    startLoad({ url: `http://127.0.0.1:${stage.site.port}/`, site: 'shop', perSecond: 100, connections: 2 })

  it('goes on serving behind the relay while it is prepared for Caddy', async () => {
    const visitors = load()

    await prepare('caddy')

    expect(lostOf(await visitors.stop())).toEqual({})
    expect(await whereIs()).toEqual(behindRelay)
  })

  it('puts the site behind Caddy with its next deploy, and cuts nobody who is connected', async () => {
    const visitors = load()

    const log = await succeed(push(2))

    const served = await visitors.stop()
    expect(lostOf(served)).toEqual({})
    expect(served.releases).toEqual({ 1: expect.any(Number), 2: expect.any(Number) })
    expect(await whereIs()).toEqual(behindCaddy)
    expect(log.join('\n')).toContain('now behind Caddy')
  })

  it('goes back to a release that was made behind the relay', async () => {
    const visitors = load()

    await succeed(stage.rollBack(1))

    expect(lostOf(await visitors.stop())).toEqual({})
    expect(await whereIs()).toEqual(behindCaddy)
  })

  it('has its names set up anew by a deploy before which Caddy has forgotten it', async () => {
    await setUp()
    await succeed(stage.rollBack(2))
    const untouched = await isSetUp()
    await caddy.restart()

    await succeed(stage.rollBack(1))

    expect([untouched, await isSetUp()]).toEqual([true, false])
    expect(await whereIs()).toEqual(behindCaddy)
  })

  it('serves a new site behind the relay beside the old one, when it is prepared for that again', async () => {
    const before = load()
    await prepare('direct')
    const port = await freePort()
    other = await makeSite(
      stage.test.database,
      stage.server,
      { id: stage.ctx.team.id },
      {
        port,
        edge: 'direct',
        repository_url: stage.repository.httpUrl,
        health_path: '/health',
        watch_seconds: 0,
      },
    )

    const deploy = await stage.ctx.transaction((tx) => requestDeploy(tx, other.slug))
    await finish(deploy.operation_id)

    expect((await fetch(`http://127.0.0.1:${port}/`)).headers.get('x-release')).toBe('2')
    expect(lostOf(await before.stop())).toEqual({})
    expect([await whereIs(), await whereIs(other.id)]).toEqual([behindCaddy, behindRelay])
  })

  it('keeps it behind Caddy when it gets a header while it is deployed, as the relay can set none', async () => {
    const { direct } = stage.parts.edges
    const check: Edge['check'] = async (host) => {
      stage.parts.edges.direct = direct
      await setUp()
      await changeHeaders(stage.ctx, stage.site.slug, [{ name: 'X-Robots-Tag', value: 'noindex' }])
      return direct.check(host)
    }
    // Of the deploy's first step, once it has seen that there is none.
    stage.parts.edges.direct = { ...direct, check }

    const failed = await push(3)

    expect(await isSetUp()).toBe(false)
    expect(failed).toMatchObject({ status: 'failed', message: expect.stringContaining('no passwords, headers or') })
    expect(await whereIs()).toEqual(behindCaddy)
    expect((await ask(stage.site.port)).headers['x-robots-tag']).toBe('noindex')
    await changeHeaders(stage.ctx, stage.site.slug, [])
  })

  it('puts it behind the relay with its next deploy, and turns new connections away for a moment at most', async () => {
    const visitors = load()

    await succeed(push(4))

    const served = await visitors.stop()
    expectOnlyAMoment(served)
    expect(await whereIs()).toEqual(behindRelay)
  })

  it('leaves nothing of a deleted site in either edge, wherever it has been', async () => {
    for (const { slug } of [stage.site, other])
      await finish((await requestRemoval(stage.ctx, slug, { confirm: slug, leaveBehind: false })) ?? '')

    expect(await whereIs()).toEqual({ row: undefined, caddy: false, relay: false })
    await expect(ask(stage.site.port)).rejects.toThrow('ECONNREFUSED')
    expect(existsSync(`${stage.host.root}/caddy/sites/${stage.site.id}.server.json`)).toBe(false)
  })
})

/** Half a second's worth of requests, which nobody was there to take. */
function expectOnlyAMoment({ failures, failed, mixed }: LoadResult): void {
  expect(mixed).toBe(0)
  const others = Object.keys(failures).filter(
    (why) => !/(ECONNREFUSED|ECONNRESET|socket hang up).* on a new connection$/.test(why),
  )
  expect(others).toEqual([])
  expect(failed).toBeLessThan(50)
}

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { setTimeout as wait } from 'node:timers/promises'
import type { RuntimeName } from '../server/deploys/runtimes/runtime.js'
import { openToAll } from '../server/domains/edges/access.js'
import { caddyEdge } from '../server/domains/edges/caddy/caddy-edge.js'
import type { EdgeName } from '../server/domains/edges/edge.js'
import { edges } from '../server/domains/edges/edges.js'
import { startCaddy } from '../tests/support/caddy.js'
import { startDockerSshd } from '../tests/support/docker.js'
import setup from '../tests/support/global-setup.js'
import { freePort } from '../tests/support/ports.js'
import { type Stage, startStage } from '../tests/support/stage.js'
import { startAnsweringApp } from './support/answering-apps.js'
import { isQuick, machine, verdict } from './support/figures.js'
import { startLoad } from './support/load.js'
import type { LoadResult } from './support/tally.js'

/**
 * Whole deploys and rollbacks of a site that takes steady load, while a second site on that server takes as much: nothing
 * may fail, nothing may be mixed up. Usage: tsx bench/redeploys.ts [--quick] [caddy|direct] [process|docker]
 */
const redeploys = isQuick ? 4 : 20
const rollbacks = isQuick ? 2 : 10
const perSecond = 600
const longestMs = 20 * 60_000

const named = (word: string) => process.argv.includes(word)
const wantedEdges = (['caddy', 'direct'] as const).filter((edge) => named(edge) || !(named('caddy') || named('direct')))
const wantedRuntimes = (['process', 'docker'] as const).filter(
  (runtime) => named(runtime) || !(named('process') || named('docker')),
)
const program = readFileSync(new URL('./support/answering-app.cjs', import.meta.url), 'utf8')

const stopDatabase = await setup()
try {
  for (const runtime of wantedRuntimes) {
    if (runtime === 'docker' && !hasDocker()) console.log('docker: not run, because no daemon answers (DOCKER_HOST)')
    else for (const edge of wantedEdges) await measure(runtime, edge)
  }
  console.log(machine())
} finally {
  await stopDatabase()
}

async function measure(runtime: RuntimeName, edgeName: EdgeName): Promise<void> {
  const name = `${runtime}, ${edgeName}`
  const caddy = edgeName === 'caddy' ? await startCaddy() : null
  const values = {
    runtime,
    edge: edgeName,
    start_command: 'node server.js',
    health_path: '/health',
    watch_seconds: 0,
    drain_seconds: 2,
    keep_releases: 40,
  }
  // Commands on a machine see nothing of our environment, so its sshd tells them where this Docker is.
  const sshd = runtime === 'docker' ? await startDockerSshd() : undefined
  const stage = await startStage({ ...values, health_deadline_seconds: 60 }, files('0'), sshd)
  const neighbourApp = await startAnsweringApp('neighbour', '1')
  try {
    const edge = caddy ? caddyEdge({ door: { port: caddy.adminPort }, user: caddy.user }) : edges.direct
    stage.parts.edges[edgeName] = edge
    await finish(stage, stage.deploy())
    const neighbour = {
      siteId: 'neighbour',
      folder: `${stage.host.root}/sites/neighbour`,
      port: await freePort(),
      hostnames: [],
      access: openToAll,
    }
    await edge.ensureSite(stage.host, neighbour)
    await edge.switchTo(stage.host, neighbour, neighbourApp.address, {
      lockFile: `${neighbour.folder}/lease`,
      number: 1,
    })

    const loads = [
      startLoad({ url: `http://127.0.0.1:${stage.site.port}/`, site: 'switched', perSecond, longestMs }),
      startLoad({ url: `http://127.0.0.1:${neighbour.port}/`, site: 'neighbour', perSecond, longestMs }),
    ]
    await wait(1000)
    for (let number = 1; number <= redeploys; number++) {
      await stage.repository.commit({ files: files(String(number)) })
      await finish(stage, stage.deploy())
    }
    for (let number = 1; number <= rollbacks; number++) await finish(stage, stage.rollBack(redeploys + 1 - number))
    await wait(1000)
    const results = await Promise.all(loads.map((load) => load.stop()))
    report(name, results)
  } finally {
    await neighbourApp.stop()
    await stage.stop()
    await sshd?.stop()
    await caddy?.stop()
  }
}

function report(name: string, results: readonly LoadResult[]): void {
  console.table(
    Object.fromEntries(
      results.map(({ sent, skipped, answered, failed, mixed, perSecond, p50Ms, p99Ms, releases }, index) => [
        `${name}: ${index === 0 ? 'site' : 'neighbour'}`,
        { sent, skipped, answered, failed, mixed, perSecond, p50Ms, p99Ms, releases: Object.keys(releases).length },
      ]),
    ),
  )
  for (const { failures, mixedSamples } of results)
    if (Object.keys(failures).length + mixedSamples.length > 0) console.log(failures, mixedSamples)
  verdict(
    `${name}: failed or mixed`,
    results.reduce((sum, { failed, mixed }) => sum + failed + mixed, 0),
    0,
    'at most',
  )
}

async function finish(stage: Stage, deploy: ReturnType<Stage['deploy']>): Promise<void> {
  const done = await deploy
  if (done.status !== 'succeeded') throw new Error(`${done.message}\n${(await stage.log(done)).join('\n')}`)
}

function files(release: string): Record<string, string> {
  return {
    'package.json': JSON.stringify({ name: 'app', engines: { node: '22.23.0' } }),
    'server.js': `process.env.SITE = 'switched'; process.env.RELEASE = '${release}'\n${program}`,
  }
}

function hasDocker(): boolean {
  try {
    execFileSync('docker', ['version', '--format', '{{.Server.Version}}'], { stdio: 'ignore', timeout: 10_000 })
    return true
  } catch {
    return false
  }
}

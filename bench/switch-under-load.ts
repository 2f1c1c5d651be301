import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openToAll } from '../server/domains/edges/access.js'
import { caddyEdge } from '../server/domains/edges/caddy/caddy-edge.js'
import { directEdge } from '../server/domains/edges/direct/direct-edge.js'
import { stopRelay } from '../server/domains/edges/direct/relay-process.js'
import type { Edge, EdgeSite } from '../server/domains/edges/edge.js'
import type { Host } from '../server/platform/ssh/host.js'
import { LocalHost } from '../server/platform/ssh/local-host.js'
import { startCaddy } from '../tests/support/caddy.js'
import { freePort } from '../tests/support/ports.js'
import { type AnsweringApp, startAnsweringApp } from './support/answering-apps.js'
import { startLoad } from './support/load.js'
import type { LoadResult } from './support/tally.js'

/**
 * Switches one site to new instances (and back) while it and a second site of that server take steady load. Each instance lives
 * 1.5 s after it was left, a fraction of a real drain, then gets TERM. Usage: tsx bench/switch-under-load.ts [caddy|direct]
 */
const switches = 20
const back = 10
const perSecond = Number(process.argv[3] ?? 600)
const settleMs = 1_000
const drainMs = 1_500

const only = process.argv[2]
const rows: Record<string, object> = {}
if (only !== 'direct') {
  const caddy = await startCaddy()
  const edge = caddyEdge({ door: { port: caddy.adminPort }, user: caddy.user })
  await measure('caddy', edge, () => caddy.stop())
}
if (only !== 'caddy') await measure('direct', directEdge, stopRelay)
console.table(rows)

async function measure(name: string, edge: Edge, end: (host: Host) => Promise<void>): Promise<void> {
  const root = await mkdtemp(join(tmpdir(), 'hostler-bench-'))
  await chmod(root, 0o711)
  const host = new LocalHost({ name: 'this machine', root })
  const [switched, neighbour] = [await newSite(root, 'switched'), await newSite(root, 'neighbour')]
  const apps: AnsweringApp[] = []
  try {
    const other = await startAnsweringApp('neighbour', '1')
    let live = await startAnsweringApp('switched', '0')
    apps.push(other, live)
    for (const [site, app] of [
      [switched, live],
      [neighbour, other],
    ] as const) {
      await edge.ensureSite(host, site)
      await edge.switchTo(host, site, app.address, { lockFile: `${site.folder}/lease`, number: 1 })
    }
    const loads = [switched, neighbour].map((site) =>
      startLoad({ url: edge.url('127.0.0.1', site), site: site.siteId, perSecond }),
    )
    await wait(settleMs)
    const tookMs: number[] = []
    for (let number = 1; number <= switches + back; number++) {
      // A rollback starts an older release anew; which one does not matter to the edge.
      const release = number <= switches ? number : switches * 2 - number
      const next = await startAnsweringApp('switched', String(release))
      apps.push(next)
      const startedAt = performance.now()
      await edge.switchTo(host, switched, next.address, { lockFile: `${switched.folder}/lease`, number: number + 1 })
      tookMs.push(performance.now() - startedAt)
      await wait(drainMs)
      await live.stop()
      live = next
    }
    await wait(settleMs)
    const [first, second] = await Promise.all(loads.map((load) => load.stop()))
    for (const sample of [...(first?.mixedSamples ?? []), ...(second?.mixedSamples ?? [])])
      console.log(name, 'mixed:', sample)
    if (first) rows[`${name}: switched site`] = row(first)
    if (second) rows[`${name}: neighbour`] = row(second)
    console.log(name, 'switch took (ms)', Math.round(Math.min(...tookMs)), 'to', Math.round(Math.max(...tookMs)))
    console.log(
      name,
      'releases seen',
      Object.keys(first?.releases ?? {}).length,
      'failures',
      first?.failures,
      second?.failures,
    )
  } finally {
    await Promise.all(apps.map((app) => app.stop()))
    await end(host)
    await host.close()
    await rm(root, { recursive: true, force: true })
  }
}

async function newSite(root: string, siteId: string): Promise<EdgeSite> {
  return { siteId, folder: `${root}/sites/${siteId}`, port: await freePort(), hostnames: [], access: openToAll }
}

function row(result: LoadResult): object {
  const { sent, skipped, answered, failed, mixed, perSecond, p50Ms, p99Ms, maxMs } = result
  return { sent, skipped, answered, failed, mixed, perSecond, p50Ms, p99Ms, maxMs }
}

import { readFileSync } from 'node:fs'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as wait } from 'node:timers/promises'
import { openToAll } from '../server/domains/edges/access.js'
import { caddyEdge } from '../server/domains/edges/caddy/caddy-edge.js'
import { changeConfig } from '../server/domains/edges/caddy/changes.js'
import { withValue } from '../server/domains/edges/caddy/json.js'
import type { EdgeSite } from '../server/domains/edges/edge.js'
import type { Front } from '../server/domains/edges/front.js'
import { LocalHost } from '../server/platform/ssh/local-host.js'
import { startCaddy } from '../tests/support/caddy.js'
import { freePort } from '../tests/support/ports.js'
import { startAnsweringApp } from './support/answering-apps.js'
import { machine, verdict } from './support/figures.js'
import { startLoad } from './support/load.js'
import { lostOf } from './support/tally.js'

/**
 * Adds twenty domains to a site, one after the other, and removes them again, while two other sites of that Caddy take steady load:
 * one by its name, one by its port. Usage: tsx bench/domains-under-load.ts [requests/s of each]
 */
const domains = 20
const perSecond = Number(process.argv[2] ?? 600)

const caddy = await startCaddy()
const door = { port: caddy.adminPort }
const edge = caddyEdge({ door, user: caddy.user })
const root = await mkdtemp(join(tmpdir(), 'hostler-bench-'))
await chmod(root, 0o711)
const host = new LocalHost({ name: 'this machine', root })
const [named, plain, busy] = [await newSite('named'), await newSite('plain'), await newSite('busy')]
const apps = [await startAnsweringApp('named', '1'), await startAnsweringApp('plain', '1')]
try {
  await edge.applyFront?.(host, named, front(['127.0.0.1']))
  await edge.ensureSite(host, plain)
  await edge.ensureSite(host, busy)
  for (const [index, site] of [named, plain].entries())
    await edge.switchTo(host, site, apps[index]?.address ?? '', { lockFile: `${site.folder}/lease`, number: 1 })
  // As where nobody has set another; the tests have a shorter one.
  await changeConfig(host, door, (config) => withValue(config, ['apps', 'http', 'shutdown_delay'], 3_000_000_000))

  const urls = { named: `http://127.0.0.1:${caddy.webPorts.http}`, plain: edge.url('127.0.0.1', plain) }
  const loads = Object.entries(urls).map(([site, url]) => startLoad({ url, site, perSecond, longestMs: 600_000 }))
  await wait(1000)
  const names = Array.from({ length: domains }, (_, index) => `d${index}.example.test`)
  const changes: { from: number; to: number }[] = []
  for (let count = 1; count <= domains * 2; count++) {
    const from = performance.now()
    await edge.applyFront?.(host, busy, front(count <= domains ? names.slice(0, count) : names.slice(count - domains)))
    changes.push({ from, to: performance.now() })
  }
  await wait(1000)
  const rows: Record<string, object> = {}
  let lost = 0
  for (const [index, load] of loads.entries()) {
    const result = await load.stop()
    const { sent, skipped, answered, failed, mixed, perSecond: pace, p50Ms, p99Ms, maxMs } = result
    rows[Object.keys(urls)[index] ?? ''] = { sent, skipped, answered, failed, mixed, pace, p50Ms, p99Ms, maxMs }
    for (const [why, count] of Object.entries(lostOf(result))) {
      lost += count
      console.log(`${count} × ${why}`)
    }
    for (const at of result.failedAt) console.log(whenOf(at, changes))
  }
  console.table(rows)
  const tookMs = changes.map(({ from, to }) => to - from)
  console.log(
    `${tookMs.length} changes, each ${Math.round(Math.min(...tookMs))} to ${Math.round(Math.max(...tookMs))} ms`,
  )
  verdict('requests lost', lost, 0, 'at most')
  console.log(`${machine()}, tcp_migrate_req ${migrates()}`)
} finally {
  await Promise.all(apps.map((app) => app.stop()))
  await caddy.stop()
  await host.close()
  await rm(root, { recursive: true, force: true })
}

/** Without it, a connection that is just being made may be reset when a configuration ends. */
function migrates(): string {
  return readFileSync('/proc/sys/net/ipv4/tcp_migrate_req', 'utf8').trim()
}

/** Within which change a request was lost: one that ends well may still cut who has just come. */
function whenOf(at: number, changes: readonly { from: number; to: number }[]): string {
  const index = changes.findLastIndex(({ from }) => from <= at)
  const { from, to } = changes[index] ?? { from: at, to: at }
  return `lost ${Math.round(at - from)} ms after change ${index + 1} began, which took ${Math.round(to - from)} ms`
}

/** Nobody is asked for certificates: there is none who would give any. */
function front(serves: readonly string[]): Front {
  const acme = { url: 'https://127.0.0.1:9/dir', email: null, rootPem: null }
  return {
    serves,
    redirects: [],
    primary: null,
    forceHttps: false,
    hsts: false,
    challenges: [],
    certificates: [],
    acme,
  }
}

async function newSite(siteId: string): Promise<EdgeSite> {
  return { siteId, folder: `${root}/sites/${siteId}`, port: await freePort(), hostnames: [], access: openToAll }
}

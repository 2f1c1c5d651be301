import { once } from 'node:events'
import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import autocannon from 'autocannon'
import express from 'express'
import nunjucks from 'nunjucks'
import pg from 'pg'
import { createAuthorizer } from '../server/authorizer.js'
import { TeamCtx } from '../server/platform/access/ctx.js'
import { sitesPage } from '../server/sites/list-page.js'
import { SiteListQuery } from '../server/sites/schema.js'
import { isQuick, machine, median, round, verdict } from './support/figures.js'
import { startBenchPanel } from './support/panel.js'
import { seed } from './support/seed.js'

/**
 * What it costs to ask who somebody is and what they may do, and what row-level security costs. The first: requests/s of
 * a bare page (Express, Nunjucks, one query for fifty rows) with and without the session and the decision before it, both
 * in one process. The second: the list of sites, with the policies and with row-level security switched off on every
 * table. Usage: tsx bench/access.ts [--quick]
 */
const rounds = isQuick ? 3 : 9
const seconds = isQuick ? 2 : 4
const lists = isQuick ? 300 : 1_500

// Plain CommonJS, shared with the floors of pages.ts.
const { rowsOf } = createRequire(import.meta.url)('./support/floor-rows.cjs') as {
  rowsOf: Record<string, { query: string; row: string }>
}
const folder = await mkdtemp(join(tmpdir(), 'hostler-bench-'))
await chmod(folder, 0o711)
const panel = await startBenchPanel({ dataFolder: folder })
const ownerUrl = panel.open.embedded?.ownerUrl ?? ''
try {
  await seed(ownerUrl, panel.team.id, { sites: 2_100, servers: 60 })
  await measureDecision()
  await measurePolicies()
  console.log(machine())
} finally {
  await panel.stop()
  await rm(folder, { recursive: true, force: true })
}

async function measureDecision(): Promise<void> {
  const bare = await startPage(async () => undefined)
  const authorizer = createAuthorizer(panel.open.services)
  const asked = await startPage(async (request) => {
    const identity = await authorizer.identify(request)
    if (identity.kind !== 'person') throw new Error('The session is over')
    await authorizer.teamCtx(identity, panel.team.slug, 'site:read')
  })
  const shares: number[] = []
  for (let number = -1; number < rounds; number++) {
    const subjects = number % 2 ? [bare, asked] : [asked, bare]
    const perSecond = new Map<typeof bare, number>()
    for (const subject of subjects) perSecond.set(subject, await load(subject.url))
    // The first round is for the compiler of V8.
    if (number >= 0) shares.push((perSecond.get(bare) ?? 0) / (perSecond.get(asked) ?? 1) - 1)
  }
  await bare.close()
  await asked.close()
  console.log(`session and decision add ${round(median(shares) * 100, 1)} % to a bare page of fifty rows`)
  verdict('share that session and decision add to a bare page', median(shares), 0.15, 'at most')
}

type Page = { url: string; close: () => Promise<void> }

async function startPage(before: (request: express.Request) => Promise<void>): Promise<Page> {
  const { query, row } = rowsOf['/sites'] ?? { query: '', row: '' }
  const pool = new pg.Pool({ connectionString: ownerUrl, max: 10 })
  const environment = new nunjucks.Environment(null, { autoescape: true })
  for (const name of ['ago', 'exact', 'iso']) environment.addFilter(name, (date: Date) => date.toISOString())
  const template = nunjucks.compile(`<table>{% for row in rows %}${row}{% endfor %}</table>`, environment)
  const app = express().disable('etag')
  app.get('/', async (request, response) => {
    await before(request)
    const { rows } = await pool.query(query, [panel.team.id, 50])
    response.send(template.render({ rows }))
  })
  const server = app.listen(0, '127.0.0.1')
  await once(server, 'listening')
  // `as`: a TCP server that listens has such an address.
  const { port } = server.address() as AddressInfo
  return {
    url: `http://127.0.0.1:${port}/`,
    close: async () => {
      server.close()
      server.closeAllConnections()
      await pool.end()
    },
  }
}

async function load(url: string): Promise<number> {
  const result = await autocannon({ url, connections: 10, duration: seconds, headers: { cookie: panel.cookie } })
  if (result.non2xx + result.errors > 0) throw new Error(`${result.non2xx + result.errors} requests failed`)
  return result.requests.average
}

async function measurePolicies(): Promise<void> {
  const ctx = TeamCtx.system(panel.open.services, { ...panel.team, name: 'Acme' }, 'bench')
  const query = SiteListQuery.parse({})
  const timed = async () => {
    const taken: number[] = []
    for (let number = 0; number < lists; number++) {
      const start = performance.now()
      await sitesPage(ctx, query)
      taken.push(performance.now() - start)
    }
    return median(taken)
  }
  const shares: number[] = []
  for (let number = -1; number < rounds; number++) {
    await setPolicies('enable')
    const withPolicies = await timed()
    await setPolicies('disable')
    const without = await timed()
    if (number >= 0) shares.push(withPolicies / without - 1)
    if (number === rounds - 1) console.log(`the list of sites: ${round(withPolicies)} ms, ${round(without)} ms without`)
  }
  await setPolicies('enable')
  verdict('share that row-level security adds to the list of sites', median(shares), 0.1, 'at most')
}

async function setPolicies(state: 'enable' | 'disable'): Promise<void> {
  const client = new pg.Client({ connectionString: ownerUrl })
  await client.connect()
  for (const table of ['sites', 'servers', 'deploys', 'operations', 'releases', 'domains', 'fronts'])
    await client.query(`alter table ${table} ${state} row level security`)
  await client.end()
}

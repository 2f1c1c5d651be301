import { z } from 'zod'
import { connectionsTo } from '../connections/connections.js'
import { deployCan } from '../deploys/deploys.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { decodeCursor, listPage } from '../platform/http/pagination.js'
import { why } from '../platform/verdict.js'
import { findSite, siteCan } from '../sites/sites.js'
import { findDelivery } from './deliveries.js'
import * as queries from './queries.js'
import { isFrozen } from './rules.js'
import type { DeliveryQuery } from './schema.js'
import { deliveryView, withVerdicts } from './views.js'
import { refusedWords } from './words.js'

const cursorKey = z.tuple([z.iso.datetime(), z.uuid()])
const dayMs = 86_400_000

/** What hosts told us, the newest first, and what came of it. */
export async function deliveriesPage(ctx: TeamCtx, query: z.output<typeof DeliveryQuery>) {
  const { site: slug } = query
  const site = slug ? await ctx.reading((tx) => findSite(tx, slug), 'site:read') : null
  const { page, refused } = await ctx.reading(async (tx) => {
    const after = decodeCursor(ctx, query.cursor, cursorKey)
    const filter = { after: after && { at: after[0], id: after[1] }, siteId: site?.id ?? null, limit: query.limit + 1 }
    const page = listPage(ctx, await queries.deliveriesPage(tx, filter), query.limit, (row) => [
      row.received_at.toISOString(),
      row.id,
    ])
    const refused = after ? [] : await refusedLately(tx, site?.repository_key ?? null)
    return { page, refused }
  })
  return {
    items: withVerdicts(ctx, page.items, await verdictsSeen(ctx, page.items)),
    nextCursor: page.nextCursor,
    refused,
    site: site && { slug: site.slug, name: site.name },
    query,
  }
}

export async function deliveryPage(ctx: TeamCtx, id: string) {
  const { row, body } = await ctx.reading(async (tx) => ({
    row: await findDelivery(tx, id),
    body: (await queries.bodyOf(tx, id)) ?? Buffer.alloc(0),
  }))
  const delivery = deliveryView(ctx, row, await verdictsSeen(ctx, [row]))
  return { delivery, headers: Object.entries(row.headers as Record<string, string>), ...shownBody(body) } // `as`: written by us
}

/** What came of them for the sites whose pushes the caller may see: a delivery is the team's, and may mean several. */
const verdictsSeen = (ctx: TeamCtx, rows: readonly { id: string }[]): Promise<queries.ShownVerdict[]> =>
  ctx.reading((tx) => queries.verdictsOf(tx, idsOf(rows)), 'push:read')

const idsOf = (rows: readonly { id: string }[]): string[] => rows.map(({ id }) => id)

const shownBytes = 20_000

function shownBody(body: Buffer): { body: string; isCut: boolean; bytes: number } {
  const text = body.subarray(0, shownBytes).toString('utf8')
  const isCut = body.length > shownBytes
  try {
    return { body: isCut ? text : JSON.stringify(JSON.parse(text), null, 2), isCut, bytes: body.length }
  } catch {
    return { body: text, isCut, bytes: body.length }
  }
}

/** Of the last week, an hour each; of one repository, or of all. */
async function refusedLately(tx: TeamTx, repositoryKey: string | null) {
  const since = new Date(tx.ctx.now().getTime() - 7 * dayMs)
  const rows = await queries.refusedSince(tx, { since, repositoryKey, limit: 20 })
  return rows.map((row) => ({
    host: row.host,
    repository: row.repository_key,
    why: row.why,
    text: refusedWords[row.why],
    count: row.count,
    lastAt: row.last_at,
  }))
}

const shownOnSite = 8

/** What a push does to one site, and what the last ones did. */
export const sitePushesPage = (ctx: TeamCtx, slug: string) =>
  ctx.reading(async (tx) => {
    const row = await findSite(tx, slug)
    const connections = row.repository_key ? await connectionsTo(tx, row.repository_key) : []
    const deliveries = await queries.deliveriesPage(tx, { after: null, siteId: row.id, limit: shownOnSite })
    const verdicts = await queries.verdictsOf(tx, idsOf(deliveries), row.id)
    const frozen = isFrozen(row, ctx.now())
    return {
      site: row,
      deployWhy: why(deployCan.deploy(row)),
      pushes: {
        autoDeploy: row.auto_deploy,
        branch: row.branch,
        watchedPaths: row.watched_paths,
        ignoredPaths: row.ignored_paths,
        frozenUntil: frozen ? row.frozen_until : null,
        frozenReason: frozen ? row.frozen_reason : null,
        hasDeployHook: row.deploy_hook_hash !== null,
        repository: row.repository_key,
        isConnected: connections.length > 0,
        fault: row.reconcile_fault,
      },
      connection: connections[0] ?? null,
      deliveries: withVerdicts(ctx, deliveries, verdicts),
      refused: await refusedLately(tx, row.repository_key),
      changeWhy: why(siteCan.change(row)),
    }
  })

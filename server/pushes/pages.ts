import { z } from 'zod'
import { connectionsTo } from '../connections/connections.js'
import { deployCan } from '../deploys/deploys.js'
import { gitHosts } from '../git/hosts/hosts.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { decodeCursor, listPage } from '../platform/http/pagination.js'
import { why } from '../platform/verdict.js'
import { findSite, siteCan } from '../sites/sites.js'
import { findDelivery } from './deliveries.js'
import * as queries from './queries.js'
import { isFrozen, ofPreviews } from './rules.js'
import type { DeliveryQuery } from './schema.js'
import { outcomeWords, refusedWords, verdictWords } from './words.js'

const cursorKey = z.tuple([z.iso.datetime(), z.uuid()])
const dayMs = 86_400_000

/** What hosts told us, the newest first, and what came of it. */
export const deliveriesPage = (ctx: TeamCtx, query: z.output<typeof DeliveryQuery>) =>
  ctx.reading(async (tx) => {
    const after = decodeCursor(query.cursor, cursorKey)
    const site = query.site ? await findSite(tx, query.site) : null
    const filter = { after: after && { at: after[0], id: after[1] }, siteId: site?.id ?? null, limit: query.limit + 1 }
    const page = listPage(await queries.deliveriesPage(tx, filter), query.limit, (row) => [
      row.received_at.toISOString(),
      row.id,
    ])
    const refused = after ? [] : await refusedLately(tx, site?.repository_key ?? null)
    return {
      items: await withVerdicts(tx, page.items),
      nextCursor: page.nextCursor,
      refused,
      site: site && { slug: site.slug, name: site.name },
      query,
    }
  })

export const deliveryPage = (ctx: TeamCtx, id: string) =>
  ctx.reading(async (tx) => {
    const row = await findDelivery(tx, id)
    const delivery = deliveryView(row, await queries.verdictsOf(tx, [id]))
    const body = (await queries.bodyOf(tx, id)) ?? Buffer.alloc(0)
    return { delivery, headers: Object.entries(row.headers as Record<string, string>), ...shownBody(body) } // `as`: written by us
  })

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

async function withVerdicts(tx: TeamTx, rows: readonly queries.Delivery[]) {
  const verdicts = await queries.verdictsOf(
    tx,
    rows.map(({ id }) => id),
  )
  return rows.map((row) =>
    deliveryView(
      row,
      verdicts.filter((verdict) => verdict.delivery_id === row.id),
    ),
  )
}

function deliveryView(row: queries.Delivery, verdicts: readonly queries.ShownVerdict[]) {
  const state = row.outcome ?? ('waiting' as const)
  return {
    id: row.id,
    host: row.host,
    hostLabel: gitHosts[row.host].label,
    repository: row.repository_key,
    delivery: row.delivery,
    event: row.event,
    state,
    text: row.why ? `${outcomeWords[state]}: ${row.why}` : outcomeWords[state],
    branch: row.branch,
    commitSha: row.commit_sha,
    commitSubject: row.commit_subject,
    pusher: row.pusher,
    receivedAt: row.received_at,
    verdicts: verdicts.map(verdictView),
  }
}

function verdictView(row: queries.ShownVerdict) {
  const { label, tone, text } = verdictWords[row.verdict]
  return {
    site: row.site_slug,
    siteName: row.site_name,
    verdict: row.verdict,
    label,
    tone,
    text: row.detail ? `${text}. ${row.detail}` : text,
    deploy: row.deploy_number,
    isOfPreview: ofPreviews.includes(row.verdict),
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
      deliveries: await withVerdicts(tx, deliveries),
      refused: await refusedLately(tx, row.repository_key),
      changeWhy: why(siteCan.change(row)),
    }
  })

import { TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import type { PreviewsRow, SitesRow } from '../platform/db/tables.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import { lockSite, maybeSiteById } from '../sites/sites.js'
import { type Asked, type Heard, hear } from './hearing.js'
import { judgePullRequest } from './judging.js'
import * as queries from './queries.js'
import { askAfterMs, askEveryMs, isNews } from './rules.js'

/** So many repositories are asked at once; a slow host holds up its own only. */
const atOnce = 10
const batch = 200

/**
 * Asks how the pull requests stand that are open as far as we know, and that nobody told of for a while: a delivery may have
 * been lost. Only where a preview depends on it and there is a token to ask with. Each is taken first: nobody else asks now.
 */
export async function askDue(services: Services, signal: AbortSignal): Promise<void> {
  for (;;) {
    const due = await takeDue(services)
    const repositories = byRepository(due)
    const askNext = async (): Promise<void> => {
      for (let next = repositories.shift(); next; next = repositories.shift()) await askAll(services, next, signal)
    }
    await Promise.all(Array.from({ length: atOnce }, askNext))
    if (due.length < batch || signal.aborted) return
  }
}

const takeDue = (services: Services): Promise<queries.DueAsk[]> => {
  const now = services.clock()
  return services.db.asSystem((db) => queries.takeAsks(db, now, new Date(now.getTime() + askEveryMs), batch))
}

function byRepository(due: readonly queries.DueAsk[]): queries.DueAsk[][] {
  const all = new Map<string, queries.DueAsk[]>()
  for (const one of due) {
    const about = `${one.team_id} ${one.repository_key}`
    all.set(about, [...(all.get(about) ?? []), one])
  }
  return [...all.values()]
}

/** One after the other, since they share what the host allows; once it answers nobody, the rest wait for their next turn. */
async function askAll(services: Services, due: readonly queries.DueAsk[], signal: AbortSignal): Promise<void> {
  const [first] = due
  const team = first && (await services.db.asSystem((db) => maybeTeam(db, first.team_id)))
  if (!team) return
  const ctx = TeamCtx.system(services, team)
  for (const { id } of due) {
    const goesOn = await askOne(ctx, id, signal).catch((error) => {
      if (!signal.aborted) services.log.error({ err: error, preview: id }, 'could not ask how a pull request stands')
      return false
    })
    if (!goesOn || signal.aborted) return
  }
}

/** Whether the host may answer what is asked next. */
async function askOne(ctx: TeamCtx, id: string, signal: AbortSignal): Promise<boolean> {
  const asked = await ctx.reading(async (tx): Promise<Asked | null> => {
    const preview = await queries.maybePreview(tx, id)
    const site = preview && (await maybeSiteById(tx, preview.site_id))
    if (!site || !isOfSite(preview, site)) return null
    return { id, siteId: site.id, number: preview.number, repositoryKey: preview.repository_key }
  })
  if (!asked) return true
  const heard = await hear(ctx, asked, signal)
  if (heard.kind === 'nothing') ctx.services.log.warn({ preview: id, why: heard.why }, 'was told of no pull request')
  await ctx.transaction((tx) => (heard.kind === 'nothing' ? postpone(tx, asked, heard) : settle(tx, asked, heard)))
  return heard.kind !== 'nothing' || heard.isOfThisAlone
}

/** Decided by what the rows say now: the site may have got another repository while we asked. */
async function settle(tx: TeamTx, asked: Asked, { pullRequest }: Heard & { kind: 'pull-request' }): Promise<void> {
  const site = await lockSite(tx, asked.siteId)
  const known = await queries.lockPreviewById(tx, asked.id)
  if (!site || !known || !isOfSite(known, site)) return
  if (known.ask_failures > 0) await queries.updatePreview(tx, known.id, { ask_failures: 0 })
  if (isNews(known, pullRequest)) await judgePullRequest(tx, site, pullRequest)
}

const isOfSite = (preview: PreviewsRow, site: SitesRow): boolean => preview.repository_key === site.repository_key

async function postpone(tx: TeamTx, asked: Asked, { until }: Heard & { kind: 'nothing' }): Promise<void> {
  if (until) return queries.postponeAsks(tx, asked.repositoryKey, until)
  const known = await queries.lockPreviewById(tx, asked.id)
  if (!known) return
  const failures = known.ask_failures + 1
  const next = new Date(tx.ctx.now().getTime() + askAfterMs(failures))
  await queries.updatePreview(tx, asked.id, { ask_failures: failures, ask_at: next })
}

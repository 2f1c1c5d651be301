import { askHost, dropToken, hostTokenFor, type Speaker } from '../connections/connections.js'
import { gitHosts } from '../git/hosts/hosts.js'
import type { PullRequest } from '../git/hosts/pull-request.js'
import { TeamCtx } from '../platform/access/ctx.js'
import type { PreviewsRow, SitesRow } from '../platform/db/tables.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import { OutboundFault } from '../platform/outbound/fault.js'
import { jsonOf } from '../platform/outbound/json.js'
import type { Services } from '../platform/services.js'
import { lockSite, maybeSiteById } from '../sites/sites.js'
import { judgePullRequest } from './judging.js'
import * as queries from './queries.js'
import { askEveryMs, isNews } from './rules.js'

/**
 * Asks how the pull requests stand that are open as far as we know, and that nobody told of for a while: a delivery may have
 * been lost. Only with a token; one that is refused is told of where it is needed more.
 */
export async function askDue(services: Services, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const now = services.clock()
    const next = new Date(now.getTime() + askEveryMs)
    const due = await services.db.asSystem((db) => queries.claimAsk(db, now, next))
    if (!due) return
    const team = await services.db.asSystem((db) => maybeTeam(db, due.team_id))
    if (team)
      await askOne(TeamCtx.system(services, team), due.id, signal).catch((error) => {
        if (signal.aborted) throw error
        services.log.warn({ err: error, preview: due.id }, 'could not ask how a pull request stands')
      })
  }
}

async function askOne(ctx: TeamCtx, id: string, signal: AbortSignal): Promise<void> {
  const asked = await ctx.reading(async (tx) => {
    const preview = await queries.maybePreview(tx, id)
    const site = preview && (await maybeSiteById(tx, preview.site_id))
    if (!site || !isOfSite(preview, site)) return null
    return { number: preview.number, siteId: site.id, repositoryKey: preview.repository_key }
  })
  const speaker = asked && (await hostTokenFor(ctx, asked.repositoryKey, signal))
  if (!asked || !speaker) return
  const heard = await hear(ctx, speaker, asked, signal)
  if (heard)
    await ctx.transaction(async (tx) => {
      const site = await lockSite(tx, asked.siteId)
      const known = await queries.lockPreviewById(tx, id)
      if (site && known && isOfSite(known, site) && isNews(known, heard)) await judgePullRequest(tx, site, heard)
    })
}

/** The site may have got another repository since, also while we asked. */
const isOfSite = (preview: PreviewsRow, site: SitesRow): boolean => preview.repository_key === site.repository_key

/** Null where the host does not say, or not now. */
async function hear(
  ctx: TeamCtx,
  speaker: Speaker,
  { number, repositoryKey }: { number: number; repositoryKey: string },
  signal: AbortSignal,
): Promise<PullRequest | null> {
  const { pullRequests } = gitHosts[speaker.host].api
  const call = pullRequests.show({ repository: speaker.repository, number })
  const answer = await askHost(ctx.services.outbound, speaker, call, signal).catch((error: unknown) => {
    if (error instanceof OutboundFault) return null
    throw error
  })
  if (answer?.status === 401) await dropToken(ctx, speaker)
  if (answer?.status !== 200) return null
  const event = pullRequests.read(jsonOf(answer), repositoryKey)
  return event.kind === 'pull-request' && event.pullRequest.number === number ? event.pullRequest : null
}

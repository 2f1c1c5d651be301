import { dropToken, hostTokenFor } from '../connections/connections.js'
import { paths } from '../paths.js'
import { TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import { UserError } from '../platform/errors.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import { maybeSiteById } from '../sites/sites.js'
import { besideOf } from './beside.js'
import { commentText } from './comment.js'
import { comment, type News, type Told } from './commenting.js'
import * as queries from './queries.js'
import { claimMs, mostTellAttempts, retryAfterMs } from './rules.js'
import { previewView } from './views.js'

/** Says on every pull request that is due how its preview stands. A host that is down holds up no preview. */
export async function tellDue(services: Services, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const now = services.clock()
    const until = new Date(now.getTime() + claimMs)
    const due = await services.db.asSystem((db) => queries.claimTell(db, now, until))
    if (!due) return
    const team = await services.db.asSystem((db) => maybeTeam(db, due.team_id))
    if (team) await tellOne(TeamCtx.system(services, team), due.id, signal)
  }
}

async function tellOne(ctx: TeamCtx, id: string, signal: AbortSignal): Promise<void> {
  const news = await ctx.transaction(async (tx) => {
    const found = await newsOf(tx, id)
    if (!found) await queries.updatePreview(tx, id, { tell_at: null, tell_attempts: 0 })
    return found
  })
  if (!news) return
  const told = await say(ctx, news, signal).catch((error): Told => {
    if (signal.aborted) throw error
    if (error instanceof UserError) return { kind: 'later', why: error.message }
    ctx.services.log.error({ err: error, preview: id }, 'could not comment')
    return { kind: 'later', why: 'Something went wrong in this panel; its log says what' }
  })
  await ctx.transaction((tx) => record(tx, news, told))
}

/** Null where there is no token to say it with. */
async function say(ctx: TeamCtx, news: News, signal: AbortSignal): Promise<Told | null> {
  const speaker = await hostTokenFor(ctx, news.repositoryKey, signal)
  if (!speaker) return null
  const told = await comment(ctx, { ...news, speaker }, signal)
  if (told.kind === 'later' && told.isTokenOver) await dropToken(ctx, speaker)
  return told
}

/** Null where there is nothing new. */
async function newsOf(tx: TeamTx, id: string): Promise<News | null> {
  const row = await queries.maybeShown(tx, id)
  const site = row && (await maybeSiteById(tx, row.site_id))
  if (!row || !site) return null
  // One that never had a preview is not told that it has none.
  if (!row.comment_id && !row.preview_site_id && !row.is_open) return null
  const preview = previewView(tx.ctx, row, await besideOf(tx, site))
  const { slug } = tx.ctx.team
  const address = (path: string) => new URL(path, tx.ctx.services.config.baseUrl).href
  const text = commentText({
    ...{ id, site: site.name, preview },
    deployUrl:
      row.copy_slug && row.deploy_number ? address(paths.deploy(slug, row.copy_slug, row.deploy_number)) : null,
    previewsUrl: address(paths.previews(slug, site.slug)),
  })
  const { repository_key: repositoryKey } = row
  return text === row.comment_text ? null : { id, number: row.number, text, commentId: row.comment_id, repositoryKey }
}

/** News that came while it was told is told in the next turn. */
async function record(tx: TeamTx, news: News, told: Told | null): Promise<void> {
  const preview = await queries.lockPreviewById(tx, news.id)
  if (!preview) return
  if (told === null) return queries.updatePreview(tx, news.id, { tell_at: null, tell_attempts: 0, tell_fault: null })
  if (told.kind === 'sent') {
    const now = tx.ctx.now()
    await queries.updatePreview(tx, news.id, {
      ...{ comment_id: told.commentId, comment_text: news.text, tell_attempts: 0, tell_fault: null },
      tell_at: (await newsOf(tx, news.id)) ? now : null,
    })
    return
  }
  const isOver = told.kind === 'given-up' || preview.tell_attempts >= mostTellAttempts
  const until = told.kind === 'later' ? told.until : undefined
  const next = until ?? new Date(tx.ctx.now().getTime() + retryAfterMs(preview.tell_attempts))
  await queries.updatePreview(tx, news.id, { tell_at: isOver ? null : next, tell_fault: told.why })
}

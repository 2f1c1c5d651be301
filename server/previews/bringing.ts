import { deployCan, requestDeploy } from '../deploys/deploys.js'
import { TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import type { PreviewsRow, SitesRow } from '../platform/db/tables.js'
import { UserError } from '../platform/errors.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import { refuseUnless } from '../platform/verdict.js'
import { copySite, removeCopy, updateCopy } from '../sites/lifecycle.js'
import { maybeSiteById, replaceEnvironment } from '../sites/sites.js'
import * as queries from './queries.js'
import { claimMs, isOver, lookAgainMs, retryAfterMs, standing, untouched } from './rules.js'
import { previewEnvironment } from './variables.js'

/**
 * Brings every preview that is due where its pull request wants it: made, deployed, or removed. Each is taken first; one
 * that is lost on the way is taken again later, and finds what was done.
 */
export async function bringDue(services: Services, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const now = services.clock()
    const until = new Date(now.getTime() + claimMs)
    const due = await services.db.asSystem((db) => queries.claimBring(db, now, until))
    if (!due) return
    const team = await services.db.asSystem((db) => maybeTeam(db, due.team_id))
    if (team) await bring(TeamCtx.system(services, team, 'a pull request'), due.id)
  }
}

async function bring(ctx: TeamCtx, id: string): Promise<void> {
  try {
    const siteId = await ctx.transaction((tx) => step(tx, id))
    if (siteId) await make(ctx, id, siteId)
  } catch (error) {
    if (!(error instanceof UserError)) ctx.services.log.error({ err: error, preview: id }, 'could not bring a preview')
    await ctx.transaction((tx) => postpone(tx, id, faultOf(error)))
  }
}

const faultOf = (error: unknown): string =>
  error instanceof UserError
    ? [error.message, error.hint].filter(Boolean).join('. ')
    : 'Something went wrong in this panel; its log says what'

/** Does what needs no machine. Returns the site when a preview of it has to be made. */
async function step(tx: TeamTx, id: string): Promise<string | null> {
  const found = await wanted(tx, id)
  if (!found) return null
  const { preview, site, now } = found
  const copy = preview.preview_site_id ? await maybeSiteById(tx, preview.preview_site_id) : undefined
  if (isOver(now)) {
    if (copy) await removeCopy(tx, copy.id)
    await lookAgain(tx, preview, copy !== undefined)
  } else if (copy?.delete_requested_at || now === 'no-room') await lookAgain(tx, preview, true)
  else if (now === 'wanted' && !copy) return site.id
  else if (now === 'wanted' && copy) await refresh(tx, site, preview, copy)
  else await lookAgain(tx, preview, false)
  return null
}

async function wanted(tx: TeamTx, id: string) {
  const preview = await queries.lockPreviewById(tx, id)
  const site = preview && (await maybeSiteById(tx, preview.site_id))
  if (!preview || !site) return null
  const settings = (await queries.maybeSettings(tx, site.id)) ?? untouched
  const count = await queries.countOf(tx, site.id)
  const around = { settings, repositoryKey: site.repository_key, branch: site.branch, count }
  return { preview, site, now: standing(preview, around) }
}

/** Under the lock of its site, so that two never take the last place. It may be too late: then the next look decides. */
const make = (ctx: TeamCtx, id: string, siteId: string): Promise<void> =>
  copySite(
    ctx,
    siteId,
    async (tx, site) => {
      const found = await wanted(tx, id)
      if (found?.now !== 'wanted' || found.preview.preview_site_id)
        throw new UserError(409, 'Something else came before this preview')
      const { number } = found.preview
      return { name: `${site.name.slice(0, 40)} PR ${number}`, ...sourceOf(found.preview) }
    },
    async (tx, copy) => {
      await queries.updatePreview(tx, id, { preview_site_id: copy.id, deployed_commit: null })
      const found = await wanted(tx, id)
      if (found) await refresh(tx, found.site, found.preview, copy)
    },
  )

/** What the site has changed, and a deploy where there is a newer commit. */
async function refresh(tx: TeamTx, site: SitesRow, preview: PreviewsRow, copy: SitesRow): Promise<void> {
  await updateCopy(tx, copy.id, site, sourceOf(preview))
  await replaceEnvironment(tx, copy, await previewEnvironment(tx, site, preview.is_fork))
  if (preview.deployed_commit !== preview.head_commit) {
    refuseUnless(deployCan.deploy(site))
    await requestDeploy(byAuthor(tx, preview), copy.slug, { by: 'push' })
  }
  await queries.updatePreview(tx, preview.id, { ...settled, deployed_commit: preview.head_commit })
}

/** The branch is shown and never fetched: the commit is asked for, which may be of another repository. */
const sourceOf = (preview: PreviewsRow) => ({ branch: preview.head_branch, commit: preview.head_commit })

const byAuthor = (tx: TeamTx, { author, number }: PreviewsRow): TeamTx => ({
  ...tx,
  ctx: TeamCtx.system(tx.ctx.services, tx.ctx.team, `${author ?? 'somebody'} (pull request ${number})`),
})

const settled = { bring_at: null, bring_attempts: 0, fault: null }

/** `again`: something is under way that it waits for. */
async function lookAgain(tx: TeamTx, preview: PreviewsRow, again: boolean): Promise<void> {
  const now = tx.ctx.now()
  const next = again ? { bring_at: new Date(now.getTime() + lookAgainMs) } : { tell_at: now, tell_attempts: 0 }
  await queries.updatePreview(tx, preview.id, { ...settled, ...next })
}

async function postpone(tx: TeamTx, id: string, fault: string): Promise<void> {
  const preview = await queries.lockPreviewById(tx, id)
  if (!preview) return
  const next = new Date(tx.ctx.now().getTime() + retryAfterMs(preview.bring_attempts))
  const news = fault === preview.fault ? {} : { fault, tell_at: tx.ctx.now(), tell_attempts: 0 }
  await queries.updatePreview(tx, id, { bring_at: next, ...news })
}

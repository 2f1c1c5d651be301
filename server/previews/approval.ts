import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { PreviewsRow, SitesRow } from '../platform/db/tables.js'
import { conflict, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { refuseUnless } from '../platform/verdict.js'
import { findLocked, siteCan } from '../sites/sites.js'
import * as queries from './queries.js'

/**
 * Lets one commit of a fork run on the site's server. The next commit is asked about anew: what was looked at is not what
 * comes after it. @throws UserError 409 when it has another commit by now
 */
export const approvePreview = (ctx: TeamCtx, slug: string, number: number, commit: string): Promise<void> =>
  change(ctx, slug, number, async (tx, site, preview) => {
    if (preview.head_commit !== commit)
      throw conflict(`Pull request ${number} has a newer commit`, 'Look at that one, and approve it instead.')
    if (preview.approved_commit === commit) return
    await queries.updatePreview(tx, preview.id, {
      approved_commit: commit,
      approved_by: ctx.actor.name,
      ...bringNow(ctx),
    })
    await tell(tx, site, preview, 'approved', { commit })
  })

/** Until the next commit comes. */
export const removePreview = (ctx: TeamCtx, slug: string, number: number): Promise<void> =>
  change(ctx, slug, number, async (tx, site, preview) => {
    if (preview.removed_why !== null) return
    await queries.updatePreview(tx, preview.id, { removed_why: `${ctx.actor.name} removed it`, ...bringNow(ctx) })
    await tell(tx, site, preview, 'removed')
  })

/** One that was removed, for its age or by hand, is made again. */
export const restorePreview = (ctx: TeamCtx, slug: string, number: number): Promise<void> =>
  change(ctx, slug, number, async (tx, site, preview) => {
    if (preview.removed_why === null) return
    await queries.updatePreview(tx, preview.id, { removed_why: null, pushed_at: ctx.now(), ...bringNow(ctx) })
    await tell(tx, site, preview, 'restored')
  })

const bringNow = (ctx: TeamCtx) => ({ bring_at: ctx.now(), bring_attempts: 0, tell_at: ctx.now(), tell_attempts: 0 })

const change = (
  ctx: TeamCtx,
  slug: string,
  number: number,
  work: (tx: TeamTx, site: SitesRow, preview: PreviewsRow) => Promise<void>,
): Promise<void> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    const isNumber = Number.isInteger(number) && number > 0 && number < 2 ** 31
    const preview = isNumber && (await queries.lockPreview(tx, site, number))
    if (!preview) throw notFound('preview')
    await work(tx, site, preview)
  })

const tell = (
  tx: TeamTx,
  site: SitesRow,
  { number }: PreviewsRow,
  what: 'approved' | 'removed' | 'restored',
  data: Record<string, unknown> = {},
): Promise<string> =>
  append(tx, {
    type: `site.preview-${what}`,
    subject: { kind: 'site', id: site.id, name: site.name },
    data: { name: site.name, number, ...data },
  })

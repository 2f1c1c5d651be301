import { endDeploys, lastLiveDeploy } from '../deploys/deploys.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { conflict, FieldError } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { requestOperation } from '../platform/operations/request.js'
import { refuseUnless } from '../platform/verdict.js'
import { findServer } from '../servers/servers.js'
import { removeSiteOperation, subjectOf } from './operations.js'
import * as queries from './queries.js'
import { siteCan } from './rules.js'
import { findLocked } from './sites.js'

/**
 * Ends its deploys, and asks for the operation that takes everything of it off its server. Where the server is gone for
 * good, `leaveBehind` forgets the site here alone. Returns the operation's id, or null when the site is gone already.
 */
export const requestRemoval = (
  ctx: TeamCtx,
  slug: string,
  { confirm, leaveBehind }: { confirm: string; leaveBehind: boolean },
): Promise<string | null> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    if (confirm !== site.name) throw new FieldError('confirm', `Type “${site.name}” to delete it`)
    refuseUnless(siteCan.remove(site))
    const remove = leaveBehind ? leave : takeAway
    for (const copy of await queries.lockCopies(tx, site.id)) if (siteCan.removeCopy(copy).ok) await remove(tx, copy)
    return remove(tx, site)
  })

/** A site that shows a pull request, which nobody names to confirm it. Nothing happens where it is going already. */
export async function removeCopy(tx: TeamTx, id: string): Promise<void> {
  const copy = await queries.lockSite(tx, id)
  if (copy && siteCan.removeCopy(copy).ok) await takeAway(tx, copy)
}

/** With its team, which nobody confirms a second time. */
export const removeWithTeam = removeCopy

/** Where the server cannot be reached for good: only the site's rows go, and the log says what is left where. */
export async function leaveSiteBehind(tx: TeamTx, id: string): Promise<void> {
  const site = await queries.lockSite(tx, id)
  if (site) await leave(tx, site)
}

async function takeAway(tx: TeamTx, site: SitesRow): Promise<string> {
  await endDeploys(tx, site.id, 'The site was deleted')
  await queries.updateSite(tx, site.id, { delete_requested_at: tx.ctx.now() })
  const operationId = await requestOperation(tx, removeSiteOperation, {
    input: { siteId: site.id },
    subject: subjectOf(site.id),
    title: `Delete ${site.name}`,
  })
  await append(tx, {
    type: 'site.removal-requested',
    subject: { kind: 'site', id: site.id, name: site.name },
    data: { name: site.name },
  })
  return operationId
}

async function leave(tx: TeamTx, site: SitesRow): Promise<null> {
  await endDeploys(tx, site.id, 'The site was deleted')
  const { name, status } = await findServer(tx, site.server_id)
  if (status !== 'unreachable') throw conflict(`${name} can be reached`, 'Delete the site there, too.')
  await deleteRows(tx, site, { leftOn: name })
  return null
}

/** The end of the removal. Twice is once. */
export async function deleteRows(tx: TeamTx, site: SitesRow, data: Record<string, unknown> = {}): Promise<void> {
  const live = await lastLiveDeploy(tx, site.id)
  if (!(await queries.deleteSite(tx, site.id))) return
  const { name, slug, repository_key: repository } = site
  // What readers of the log need of it cannot be looked up any more.
  const known = { name, slug, repository, ...(live && { lastLive: live }), ...data }
  await append(tx, { type: 'site.removed', subject: { kind: 'site', id: site.id, name: site.name }, data: known })
}

/** A removal that did not get to its end: the site is there again, and can be asked to go once more. */
export const abandonRemoval = (tx: TeamTx, siteId: string): Promise<void> =>
  queries.updateSite(tx, siteId, { delete_requested_at: null })

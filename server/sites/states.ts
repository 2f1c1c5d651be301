import { type DeployWithOperation, endDeploys, lastLiveRelease, requestRollback } from '../deploys/deploys.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { conflict } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { requestOperation } from '../platform/operations/request.js'
import { refuseUnless } from '../platform/verdict.js'
import { deactivateSiteOperation, subjectOf } from './operations.js'
import * as queries from './queries.js'
import { type Move, moves, siteCan } from './rules.js'
import { findLocked, findSite } from './sites.js'

/** Visitors are turned away and nothing of the site runs; everything of it is kept. Returns the operation's id. */
export const deactivateSite = (ctx: TeamCtx, slug: string): Promise<string> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.move(site, 'deactivate'))
    await endDeploys(tx, site.id, 'The site was deactivated')
    const operationId = await requestStop(tx, site, `Deactivate ${site.name}`)
    await moveTo(tx, site, 'deactivate', 'deactivated')
    return operationId
  })

/** What was to be switched off and could not be is not shown as off. */
export async function afterDeactivation(tx: TeamTx, siteId: string, succeeded: boolean): Promise<void> {
  const site = await queries.maybeSiteById(tx, siteId)
  if (succeeded || !site?.live_release_id) return
  await queries.moveSite(tx, siteId, [moves.deactivate.to], { state: 'active', state_reason: null })
}

/** Brings the release back that was live last, without a build. Null when there is none to bring back. */
export const activateSite = (ctx: TeamCtx, slug: string): Promise<DeployWithOperation | null> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.move(site, 'activate'))
    const release = await lastLiveRelease(tx, site.id)
    await queries.moveSite(tx, site.id, moves.activate.from, { state: moves.activate.to, state_reason: null })
    const deploy = release ? await requestRollback(tx, slug, release.number) : null
    await tell(tx, site, 'activated')
    return deploy
  })

/** Out of the way and unchangeable, until it is brought back. */
export const archiveSite = (ctx: TeamCtx, slug: string): Promise<SitesRow> => move(ctx, slug, 'archive', 'archived')

export const unarchiveSite = (ctx: TeamCtx, slug: string): Promise<SitesRow> =>
  move(ctx, slug, 'unarchive', 'unarchived')

const move = (ctx: TeamCtx, slug: string, name: Move, done: Done): Promise<SitesRow> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.move(site, name))
    await endDeploys(tx, site.id, `The site was ${done}`)
    await moveTo(tx, site, name, done)
    return findSite(tx, slug)
  })

const requestStop = (tx: TeamTx, site: SitesRow, title: string): Promise<string> =>
  requestOperation(tx, deactivateSiteOperation, { input: { siteId: site.id }, subject: subjectOf(site.id), title })

async function moveTo(tx: TeamTx, site: SitesRow, name: Move, done: Done): Promise<void> {
  const { from, to } = moves[name]
  if (!(await queries.moveSite(tx, site.id, from, { state: to, state_reason: null })))
    throw conflict(`${site.name} has changed meanwhile`, 'Look at its page again.')
  await tell(tx, site, done)
}

/** As the event says it. */
type Done = 'activated' | 'deactivated' | 'archived' | 'unarchived'

const tell = (tx: TeamTx, site: SitesRow, done: Done): Promise<string> =>
  append(tx, {
    type: `site.${done}`,
    subject: { kind: 'site', id: site.id, name: site.name },
    data: { name: site.name },
  })

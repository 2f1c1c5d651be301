import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { append } from '../platform/events/append.js'
import { refuseUnless } from '../platform/verdict.js'
import {
  findLocked,
  findSite,
  nothingSeen,
  refuseMissingBranch,
  refuseOtherBranch,
  siteCan,
  updateSite,
} from '../sites/sites.js'
import type { PushSettings } from './schema.js'

export { forgetOldDeliveries, listWaiting } from './deliveries.js'
export { deployByHook, makeDeployHook, removeDeployHook } from './deploy-hooks.js'
export { judgeWaiting } from './judging.js'
export { whyLeftOut } from './left-out.js'
export { receiveDelivery } from './receive.js'
export { type Answers, reconcileSite, takeDueSites } from './reconcile.js'

/**
 * What a push on the branch does. The repository is asked soon afterwards, so that what was pushed meanwhile is not
 * forgotten.
 */
export async function updatePushSettings(
  ctx: TeamCtx,
  slug: string,
  wanted: PushSettings,
  signal: AbortSignal,
): Promise<void> {
  await refuseMissingBranch(ctx, await ctx.reading((tx) => findSite(tx, slug)), wanted.branch, signal)
  return ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    refuseOtherBranch(ctx, site, wanted.branch)
    const columns = {
      auto_deploy: wanted.autoDeploy,
      branch: wanted.branch,
      watched_paths: wanted.watchedPaths,
      ignored_paths: wanted.ignoredPaths,
    }
    const changed = Object.entries(columns).filter(
      ([column, value]) => JSON.stringify(site[column as keyof SitesRow]) !== JSON.stringify(value), // `as`: they are columns of sites
    )
    if (changed.length === 0) return
    const forgotten = wanted.branch === site.branch ? {} : nothingSeen
    await updateSite(tx, site.id, { ...Object.fromEntries(changed), ...askSoon, ...forgotten })
    await tell(tx, site, 'site.pushes-changed', { settings: changed.map(([column]) => column.replaceAll('_', ' ')) })
  })
}

const askSoon = { reconcile_at: null, reconcile_failures: 0, reconcile_fault: null }

/** Pushes are held back and not lost: once the freeze is over, the newest commit is deployed. */
export const freezeSite = (ctx: TeamCtx, slug: string, wish: { hours: string; reason: string }): Promise<void> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    const until = new Date(ctx.now().getTime() + Number(wish.hours) * 3600_000)
    await updateSite(tx, site.id, { frozen_until: until, frozen_reason: wish.reason })
    await tell(tx, site, 'site.frozen', { reason: wish.reason, until })
  })

export const thawSite = (ctx: TeamCtx, slug: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const site = await findLocked(tx, slug)
    if (site.frozen_until === null) return
    await updateSite(tx, site.id, { frozen_until: null, frozen_reason: null, ...askSoon })
    await tell(tx, site, 'site.thawed', {})
  })

const tell = (
  tx: TeamTx,
  site: SitesRow,
  type: 'site.pushes-changed' | 'site.frozen' | 'site.thawed',
  data: Record<string, unknown>,
): Promise<string> =>
  append(tx, { type, subject: { kind: 'site', id: site.id, name: site.name }, data: { name: site.name, ...data } })

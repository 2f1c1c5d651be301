import type { TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { setLiveRelease } from '../sites/sites.js'
import * as queries from './queries.js'
import type { RuntimeName } from './runtimes/runtime.js'

/** Visitors get nothing of the site any more. What was live is kept, to come back later. */
export async function noLongerLive(tx: TeamTx, siteId: string): Promise<void> {
  await queries.drainAllInstances(tx, siteId)
  await queries.retireAllReleases(tx, siteId)
  await setLiveRelease(tx, siteId, null)
}

/** An instance that was stopped and whose files are gone: its port is free again. */
export const instanceGone = (tx: TeamTx, instanceId: string): Promise<void> =>
  queries.updateInstance(tx, instanceId, { state: 'retired', retired_at: tx.ctx.now() })

/** Of all its releases, and of the next one. */
export const runtimesUsed = async (tx: TeamTx, site: Pick<SitesRow, 'id' | 'runtime'>): Promise<Set<RuntimeName>> =>
  new Set([site.runtime, ...(await queries.runtimesOf(tx, site.id))])

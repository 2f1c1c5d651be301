import type { TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { notFound } from '../platform/errors.js'
import * as queries from './queries.js'

export { openCredentials } from './credentials.js'
export { openEnvironment } from './environment.js'
export { lockSite, maybeSiteById, setFailingDeploy, setLiveRelease, takeReleaseNumber } from './queries.js'

/** @throws UserError 404, also for another team's site */
export async function findSite(tx: TeamTx, slug: string): Promise<SitesRow> {
  const site = await queries.maybeSite(tx, slug)
  if (!site) throw notFound('site')
  return site
}

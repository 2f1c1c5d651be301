import type { TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { notFound } from '../platform/errors.js'
import * as queries from './queries.js'

export { refuseMissingBranch, refuseOtherBranch } from './branch.js'
export { credentialsOf } from './credentials.js'
export { environmentDigests, openEnvironment, replaceEnvironment } from './environment.js'
export { Branch, Repository } from './fields.js'
export { isOutOfReach, openSource } from './opening.js'
export {
  lockCopies,
  lockSite,
  lockSitesOf,
  maybeSiteById,
  nothingSeen,
  recordSeen,
  setEdge,
  setFailingDeploy,
  setLiveRelease,
  takeReleaseNumber,
  updateSite,
} from './queries.js'
export { siteCan } from './rules.js'
export { NewVariable, VariableKind } from './variables.js'

/** @throws UserError 404, also for another team's site */
export async function findSite(tx: TeamTx, slug: string): Promise<SitesRow> {
  const site = await queries.maybeSite(tx, slug)
  if (!site) throw notFound('site')
  return site
}

/** Two people who change the same site wait for each other here. */
export async function findLocked(tx: TeamTx, slug: string): Promise<SitesRow> {
  const { id } = await findSite(tx, slug)
  const site = await queries.lockSite(tx, id)
  if (!site) throw notFound('site')
  return site
}

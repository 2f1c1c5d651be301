import type { TeamTx } from '../platform/access/ctx.js'
import type { DomainsRow } from '../platform/db/tables.js'
import { notFound } from '../platform/errors.js'
import { isId } from '../platform/ids.js'
import { maybeDomain } from './queries.js'
import { maybeSitesDomain } from './sites-domain-queries.js'

/** @throws UserError 404, also for a domain of another site */
export async function findDomain(tx: TeamTx, siteId: string, id: string): Promise<DomainsRow> {
  const domain = isId(id) && (await maybeDomain(tx, siteId, id))
  if (!domain) throw notFound('domain')
  return domain
}

/** @throws UserError 404 */
export async function findSitesDomain(tx: TeamTx, serverId: string): Promise<DomainsRow> {
  const found = await maybeSitesDomain(tx, serverId)
  if (!found) throw notFound('sites domain')
  return found
}

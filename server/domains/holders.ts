import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { DomainsRow } from '../platform/db/tables.js'
import { append } from '../platform/events/append.js'
import type { EventType } from '../platform/events/event.js'
import { refuseUnless } from '../platform/verdict.js'
import { findServer } from '../servers/servers.js'
import { findLocked, siteCan } from '../sites/sites.js'
import { findDomain, findSitesDomain } from './finding.js'
import { requestServing } from './jobs.js'
import { touchFront } from './queries.js'
import { ring } from './ring.js'
import { touchGiven } from './sites-domain-queries.js'

/** A name that a certificate is for, and whose it is: a site's, or a server's for all of its sites. */
export interface Holder {
  readonly domain: DomainsRow
  readonly subject: { readonly kind: 'site' | 'server'; readonly id: string }
}

/** Finds it for a change. @throws UserError 404, or 409 where its site takes no changes */
export type FindHolder = (tx: TeamTx) => Promise<Holder>

export const siteDomain =
  (slug: string, id: string): FindHolder =>
  async (tx) => {
    const site = await findLocked(tx, slug)
    refuseUnless(siteCan.change(site))
    return holderOf(await findDomain(tx, site.id, id))
  }

export const sitesDomainOf =
  (server: string): FindHolder =>
  async (tx) => {
    const { id } = await findServer(tx, server)
    return holderOf(await findSitesDomain(tx, id))
  }

export function holderOf(domain: DomainsRow): Holder {
  const { site_id, server_id } = domain
  if (site_id) return { domain, subject: { kind: 'site', id: site_id } }
  if (server_id) return { domain, subject: { kind: 'server', id: server_id } }
  throw new Error('A domain is of a site or of a server')
}

/** Finds it, changes it and tells of that, with what `work` returns beside the name. */
export const changeHeld = (
  ctx: TeamCtx,
  find: FindHolder,
  type: EventType,
  work: (tx: TeamTx, domain: DomainsRow) => Promise<Record<string, unknown>>,
): Promise<void> =>
  ctx.transaction(async (tx) => {
    const { domain, subject } = await find(tx)
    const data = await work(tx, domain)
    await append(tx, { type, subject, data: { domain: domain.name, ...data } })
  })

/** Has the edge hear of it, for each site that is shown by it. */
export async function touchHeld(tx: TeamTx, { id, site_id }: DomainsRow): Promise<void> {
  if (site_id) await touchFront(tx, site_id)
  else await touchGiven(tx, id)
  ring(tx, requestServing)
}

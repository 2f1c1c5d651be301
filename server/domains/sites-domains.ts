import { TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import type { DomainsRow, SitesRow } from '../platform/db/tables.js'
import { conflict, FieldError } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { newId } from '../platform/ids.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import { nthSlug } from '../platform/slugs.js'
import { refuseUnless } from '../platform/verdict.js'
import { findServer } from '../servers/servers.js'
import { lockSite } from '../sites/sites.js'
import { refuseNeighbours, refuseOthers, tokenFor } from './claims.js'
import { findSitesDomain } from './finding.js'
import { checkDomains, requestServing } from './jobs.js'
import { parentOf } from './names.js'
import * as domains from './queries.js'
import { ring } from './ring.js'
import { domainCan } from './rules.js'
import * as queries from './sites-domain-queries.js'

/** A wildcard of a server, such as `*.sites.example`: once it is proven, each site there has a name below it. */

export async function setSitesDomain(ctx: TeamCtx, server: string, name: string): Promise<DomainsRow> {
  await refuseOthers(ctx, name)
  return ctx.transaction(async (tx) => {
    const { id: serverId, name: serverName } = await findServer(tx, server)
    const present = await queries.maybeSitesDomain(tx, serverId)
    if (present?.name === name) return present
    if (present)
      throw conflict(`${serverName} has the sites domain ${parentOf(present.name)}`, 'Remove that one first.')
    await refuseNeighbours(ctx, name, { id: serverId, by: 'sites-domain:manage' })
    const row = {
      id: newId(),
      team_id: ctx.team.id,
      server_id: serverId,
      name,
      parent: parentOf(name),
      role: 'serve' as const,
      token: tokenFor(ctx, name),
      check_due_at: ctx.now(),
      created_at: ctx.now(),
    }
    if (!(await domains.insertDomain(tx, row))) throw new FieldError('name', `Your team has ${name} already`)
    await append(tx, { type: 'server.sites-domain-set', ...about(serverId, serverName, name) })
    ring(tx, checkDomains, row.id)
    return findSitesDomain(tx, serverId)
  })
}

/** Takes its names away from all sites of the server. */
export const removeSitesDomain = (ctx: TeamCtx, server: string): Promise<DomainsRow> =>
  ctx.transaction(async (tx) => {
    const { id: serverId, name: serverName } = await findServer(tx, server)
    const sitesDomain = await findSitesDomain(tx, serverId)
    await queries.touchGiven(tx, sitesDomain.id)
    await domains.deleteDomain(tx, sitesDomain.id)
    await append(tx, { type: 'server.sites-domain-removed', ...about(serverId, serverName, sitesDomain.name) })
    ring(tx, requestServing)
    return sitesDomain
  })

const about = (id: string, name: string, domain: string) => ({
  subject: { kind: 'server', id },
  data: { name, domain: parentOf(domain) },
})

/** Looks again, soon and not in this request: DNS may be slow. */
export const requestSitesDomainCheck = (ctx: TeamCtx, server: string): Promise<DomainsRow> =>
  ctx.transaction(async (tx) => {
    const { id: serverId } = await findServer(tx, server)
    const sitesDomain = await findSitesDomain(tx, serverId)
    refuseUnless(domainCan.check(sitesDomain))
    await domains.updateDomain(tx, sitesDomain.id, { check_due_at: ctx.now(), check_requested_at: ctx.now() })
    ring(tx, checkDomains, sitesDomain.id)
    return findSitesDomain(tx, serverId)
  })

/**
 * The address that a site has by the sites domain of its server; null where there is none, or none that is proven. The name is the site's
 * from this transaction on; its certificate comes some seconds after the edge has it.
 */
export async function addressBySitesDomain(
  tx: TeamTx,
  site: Pick<SitesRow, 'id' | 'slug' | 'server_id' | 'delete_requested_at'>,
): Promise<{ name: string; url: string } | null> {
  const name = (await queries.maybeGiven(tx, site.id))?.name ?? (await giveName(tx, site))
  return name === null ? null : { name, url: `https://${name}` }
}

/** The site's slug is the label. Where the team has that name for another site, the next of that slug is taken. */
async function giveName(
  tx: TeamTx,
  { id, slug, server_id, delete_requested_at }: Parameters<typeof addressBySitesDomain>[1],
): Promise<string | null> {
  const sitesDomain = await queries.maybeProven(tx, server_id)
  if (!sitesDomain || delete_requested_at) return null
  for (let number = 1; ; number++) {
    const name = `${nthSlug(slug, number)}.${sitesDomain.parent}`
    const taken = await domains.maybeNamed(tx, name)
    if (taken?.site_id === id) return taken.verified_at ? name : null
    if (!taken && (await domains.insertDomain(tx, givenRow(tx, { id, name, sitesDomain })))) {
      await domains.touchFront(tx, id)
      ring(tx, requestServing)
      await append(tx, { type: 'domain.added', subject: { kind: 'site', id }, data: { domain: name } })
      return name
    }
  }
}

const givenRow = (tx: TeamTx, { id, name, sitesDomain }: { id: string; name: string; sitesDomain: DomainsRow }) => ({
  id: newId(),
  team_id: tx.ctx.team.id,
  site_id: id,
  sites_domain_id: sitesDomain.id,
  name,
  parent: sitesDomain.parent,
  role: 'serve' as const,
  token: tokenFor(tx.ctx, name),
  verified_at: tx.ctx.now(),
  verified_by: 'sites-domain' as const,
  check_due_at: tx.ctx.now(),
  created_at: tx.ctx.now(),
})

const atOnce = 1000

/** Of sites that were there before it was proven, or came in that moment. */
export async function giveMissingNames(services: Services): Promise<void> {
  const nameless = await services.db.asSystem((db) => queries.namelessSites(db, atOnce))
  for (const { site_id, team_id } of nameless) {
    const team = await services.db.asSystem((db) => maybeTeam(db, team_id))
    if (!team) continue
    await TeamCtx.system(services, team)
      .transaction(async (tx) => {
        const site = await lockSite(tx, site_id)
        if (site) await addressBySitesDomain(tx, site)
      })
      .catch((error) => services.log.warn({ err: error, siteId: site_id }, 'could not give a site its name'))
  }
}

import { placeOf, siteFence } from '../../server/deploys/places.js'
import type { SitePlace } from '../../server/deploys/runtimes/runtime.js'
import { accessOf } from '../../server/domains/domains.js'
import type { Edge, EdgeSite } from '../../server/domains/edges/edge.js'
import type { TeamCtx, TeamTx } from '../../server/platform/access/ctx.js'
import type { SitesRow } from '../../server/platform/db/tables.js'
import type { Host } from '../../server/platform/ssh/host.js'
import { underLease } from '../../server/platform/ssh/under-lease.js'
import { findServer, type ServerRow } from '../../server/servers/servers.js'
import { maybeSiteById } from '../../server/sites/sites.js'
import type { DeployParts } from '../deploys/context.js'

/** A site with everything that stopping it or taking it away needs. */
export interface SiteContext {
  parts: DeployParts
  site: SitesRow
  host: Host
  place: SitePlace
  server: ServerRow
  edge: Edge
  edgeSite: EdgeSite
}

/** Null when the site is gone already: whoever wanted that has what he wanted. */
export async function loadSite(
  ctx: TeamCtx,
  parts: DeployParts,
  run: { siteId: string; fence: number },
): Promise<SiteContext | null> {
  const found = await ctx.transaction((tx) => readRows(tx, run.siteId))
  if (!found) return null
  const { site, server, access } = found
  const machine = await ctx.services.hosts.get(site.server_id)
  const place = placeOf(site, machine.root)
  const host = underLease(machine, siteFence(machine, place, run.fence))
  const edgeSite = { siteId: site.id, folder: place.folder, port: site.port, hostnames: [], access }
  return { parts, site, server, host, place, edge: parts.edges[site.edge], edgeSite }
}

async function readRows(tx: TeamTx, siteId: string) {
  const site = await maybeSiteById(tx, siteId)
  return site && { site, server: await findServer(tx, site.server_id), access: await accessOf(tx, site.id) }
}

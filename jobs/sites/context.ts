import { placeOf, siteFence } from '../../server/deploys/places.js'
import type { SitePlace } from '../../server/deploys/runtimes/runtime.js'
import type { Edge, EdgePlace } from '../../server/domains/edges/edge.js'
import type { TeamCtx, TeamTx } from '../../server/platform/access/ctx.js'
import type { SitesRow } from '../../server/platform/db/tables.js'
import type { Host } from '../../server/platform/ssh/host.js'
import { underLease } from '../../server/platform/ssh/under-lease.js'
import { findServer, type ServerRow } from '../../server/servers/servers.js'
import { maybeSiteById } from '../../server/sites/sites.js'
import type { DeployParts } from '../deploys/context.js'

/** A site with everything that it takes to set it up on its edge, to stop it or to take it away. */
export interface SiteContext {
  parts: DeployParts
  site: SitesRow
  host: Host
  place: SitePlace
  server: ServerRow
  edge: Edge
  edgeSite: EdgePlace
}

/** Null when the site is gone already: whoever wanted that has what he wanted. */
export async function loadSite(
  ctx: TeamCtx,
  parts: DeployParts,
  run: { siteId: string; fence: number },
): Promise<SiteContext | null> {
  const found = await ctx.transaction((tx) => readRows(tx, run.siteId))
  if (!found) return null
  const { site, server } = found
  const machine = await ctx.services.hosts.get(site.server_id)
  const place = placeOf(site, machine.root)
  const host = underLease(machine, siteFence(machine, place, run.fence))
  const edgeSite = { siteId: site.id, folder: place.folder, port: site.port, hostnames: [] }
  return { parts, site, server, host, place, edge: parts.edges[site.edge], edgeSite }
}

async function readRows(tx: TeamTx, siteId: string) {
  const site = await maybeSiteById(tx, siteId)
  return site && { site, server: await findServer(tx, site.server_id) }
}

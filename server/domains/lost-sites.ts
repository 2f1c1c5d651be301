import { TeamCtx } from '../platform/access/ctx.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import type { Edge, EdgeName } from './edges/edge.js'
import { type KeptSite, keptSites } from './front-queries.js'
import { requestServing } from './jobs.js'
import { touchFront } from './queries.js'
import { ring } from './ring.js'

/**
 * A Caddy that reads its own file anew forgets what came by its admin API. Where systemd does not have our script put that back, it is
 * noticed here, and each site that was lost is set up once more.
 */

const serversAtOnce = 20

export async function findLostSites(
  services: Services,
  edges: Record<EdgeName, Edge>,
  signal: AbortSignal,
): Promise<void> {
  const servers = [...byServer(await services.db.asSystem(keptSites))]
  const lookAtNext = async (): Promise<void> => {
    for (let server = servers.shift(); server && !signal.aborted; server = servers.shift()) {
      const [serverId, sites] = server
      const lost = await lostOf(services, edges.caddy, serverId, sites)
      for (const site of sites.filter(({ site_id }) => lost.has(site_id)))
        await askFor(services, site).catch((error) =>
          services.log.warn({ err: error, siteId: site.site_id }, 'could not ask for a lost site'),
        )
    }
  }
  await Promise.all(Array.from({ length: Math.min(serversAtOnce, servers.length) }, lookAtNext))
}

function byServer(sites: readonly KeptSite[]): Map<string, KeptSite[]> {
  const servers = new Map<string, KeptSite[]>()
  for (const site of sites) {
    const others = servers.get(site.server_id)
    if (others) others.push(site)
    else servers.set(site.server_id, [site])
  }
  return servers
}

async function lostOf(
  services: Services,
  edge: Edge,
  serverId: string,
  sites: readonly KeptSite[],
): Promise<ReadonlySet<string>> {
  const known = sites.map(({ site_id, has_names }) => ({ siteId: site_id, hasNames: has_names }))
  try {
    return new Set(await edge.lost(await services.hosts.get(serverId), known))
  } catch (error) {
    // One that does not answer is told of by whoever wants something of it.
    services.log.debug({ err: error, serverId }, 'could not ask an edge for its sites')
    return new Set()
  }
}

async function askFor(services: Services, { site_id, team_id, server_id }: KeptSite): Promise<void> {
  const team = await services.db.asSystem((db) => maybeTeam(db, team_id))
  if (!team) return
  services.log.info({ serverId: server_id, siteId: site_id }, 'the edge has lost a site')
  await TeamCtx.system(services, team).transaction(async (tx) => {
    await touchFront(tx, site_id)
    ring(tx, requestServing)
  })
}

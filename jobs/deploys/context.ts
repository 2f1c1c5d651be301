import type { deployOperation } from '../../server/deploys/deploy-operation.js'
import type { NodeVersions } from '../../server/deploys/node-versions/node-versions.js'
import { placeOf, siteFence } from '../../server/deploys/places.js'
import { type DeployWithOperation, maybeDeployById } from '../../server/deploys/queries.js'
import type { Runtime, RuntimeName, SitePlace } from '../../server/deploys/runtimes/runtime.js'
import type { Edge, EdgeName, EdgePlace } from '../../server/domains/edges/edge.js'
import type { RepositoryProtocol } from '../../server/git/repository-url.js'
import type { TeamCtx, TeamTx } from '../../server/platform/access/ctx.js'
import type { SitesRow } from '../../server/platform/db/tables.js'
import { UserError } from '../../server/platform/errors.js'
import type { StepRun } from '../../server/platform/operations/handle.js'
import type { Host } from '../../server/platform/ssh/host.js'
import { underLease } from '../../server/platform/ssh/under-lease.js'
import { findServer, type ServerRow } from '../../server/servers/servers.js'
import { maybeSiteById } from '../../server/sites/sites.js'

/** The kinds of things a deploy works with, built once a process. */
export interface DeployParts {
  runtimes: Record<RuntimeName, Runtime>
  edges: Record<EdgeName, Edge>
  nodeVersions: NodeVersions
  gitProtocols: readonly RepositoryProtocol[]
}

/** Everything a deploy is about, read anew at the start of each run. */
export interface DeployContext {
  parts: DeployParts
  deploy: DeployWithOperation
  site: SitesRow
  server: ServerRow
  host: Host
  place: SitePlace
  /** The server's own. A site whose row still says another is behind that one until it is switched. */
  edge: Edge
  edgeSite: EdgePlace
}

export type DeployStep = StepRun<typeof deployOperation, DeployContext>

export async function loadContext(
  ctx: TeamCtx,
  parts: DeployParts,
  run: { deployId: string; fence: number },
): Promise<DeployContext> {
  const { deploy, site, server } = await ctx.transaction((tx) => readRows(tx, run.deployId))
  const machine = await ctx.services.hosts.get(server.id)
  const place = placeOf(site, machine.root)
  const host = underLease(machine, siteFence(machine, place, run.fence))
  return {
    parts,
    deploy,
    site,
    server,
    host,
    place,
    edge: parts.edges[server.edge ?? site.edge],
    edgeSite: { siteId: site.id, folder: place.folder, port: site.port, hostnames: [] },
  }
}

async function readRows(tx: TeamTx, deployId: string) {
  const deploy = await maybeDeployById(tx, deployId)
  const site = deploy && (await maybeSiteById(tx, deploy.site_id))
  if (!deploy || !site) throw new UserError(404, 'The site was deleted')
  return { deploy, site, server: await findServer(tx, site.server_id) }
}

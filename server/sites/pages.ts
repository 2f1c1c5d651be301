import { deployCan, deploysOf, instancesOf, type ShownDeploy, shown } from '../deploys/deploys.js'
import { addressOf } from '../domains/domains.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { ServersRow, SitesRow } from '../platform/db/tables.js'
import { why } from '../platform/verdict.js'
import { findServer, type ServerRow } from '../servers/servers.js'
import * as queries from './queries.js'
import { siteCan } from './rules.js'
import { findSite } from './sites.js'

/** What the pages about sites show, and with it what the API answers. */

export const siteView = (
  ctx: TeamCtx,
  site: SitesRow,
  server: Pick<ServersRow, 'slug' | 'name' | 'kind' | 'address'>,
) => ({
  id: site.id,
  slug: site.slug,
  name: site.name,
  state: site.state,
  stateReason: site.state_reason,
  url: site.served_url ?? addressOf(server, ctx.services.config.baseUrl, site.port),
  server: { slug: server.slug, name: server.name },
  repositoryUrl: site.repository_url,
  branch: site.branch,
  access: site.credential_kind,
  deployPublicKey: site.deploy_public_key,
  runtime: site.runtime,
  edge: site.edge,
  stack: site.stack,
  rootFolder: site.root_folder,
  buildCommand: site.build_command,
  startCommand: site.start_command,
  staticFolder: site.static_folder,
  releaseCommand: site.release_command,
  nodeVersion: site.node_version,
  healthPath: site.health_path,
  healthDeadlineSeconds: site.health_deadline_seconds,
  drainSeconds: site.drain_seconds,
  watchSeconds: site.watch_seconds,
  memoryMb: site.memory_mb,
  cpus: Number(site.cpus),
  keepReleases: site.keep_releases,
  port: site.port,
  previewOf: site.preview_of,
  createdAt: site.created_at,
})

export const createdView = (
  ctx: TeamCtx,
  made: { site: SitesRow; server: ServerRow; deploy: { number: number; operation_id: string } | null },
) => ({
  site: siteView(ctx, made.site, made.server),
  deploy: made.deploy && { number: made.deploy.number, operationId: made.deploy.operation_id },
})

export type SiteView = ReturnType<typeof siteView>

/** What the head of every page of a site needs. */
export interface SiteHead {
  row: SitesRow
  site: SiteView
  server: ServerRow
  deployWhy: string | null
}

export async function siteHead(tx: TeamTx, slug: string): Promise<SiteHead> {
  const row = await findSite(tx, slug)
  const server = await findServer(tx, row.server_id)
  return { row, server, site: siteView(tx.ctx, row, server), deployWhy: why(deployCan.deploy(row)) }
}

const shownDeploys = 8

export const overviewPage = (ctx: TeamCtx, slug: string) =>
  ctx.reading(async (tx) => {
    const head = await siteHead(tx, slug)
    const deploys = ctx.may('deploy:read') ? await lastDeploys(tx, head.row) : []
    const original = head.row.preview_of ? await queries.maybeSiteById(tx, head.row.preview_of) : undefined
    const live = (await instancesOf(tx, head.row.id)).find(({ state }) => state === 'live') ?? null
    return {
      ...head,
      deploys,
      original: original && { slug: original.slug, name: original.name },
      instance: live && { release: live.release_number, port: live.port, since: live.created_at },
      lastFailed: lastFailed(deploys),
      running: deploys.find(({ status }) => status === 'running' || status === 'queued') ?? null,
      activateWhy: why(siteCan.move(head.row, 'activate')),
    }
  })

const lastDeploys = async (tx: TeamTx, site: SitesRow): Promise<ShownDeploy[]> =>
  (await deploysOf(tx, site.id, null, shownDeploys)).map((deploy) => shown(deploy, site))

/** The newest deploy that has ended, when it ended badly. */
function lastFailed(deploys: readonly ShownDeploy[]): ShownDeploy | null {
  const last = deploys.find(({ status }) => !['running', 'queued', 'folded', 'cancelled'].includes(status))
  return last && ['failed', 'rolled back'].includes(last.status) ? last : null
}

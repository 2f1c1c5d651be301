import { z } from 'zod'
import { deployCan, deploysOf, instancesOf, type ShownDeploy, shown } from '../deploys/deploys.js'
import { addressOf } from '../domains/domains.js'
import { paths } from '../paths.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { ServersRow, SitesRow } from '../platform/db/tables.js'
import { decodeCursor, listPage } from '../platform/http/pagination.js'
import { why } from '../platform/verdict.js'
import { findServer, type ServerRow, serverNames } from '../servers/servers.js'
import * as queries from './queries.js'
import { siteCan } from './rules.js'
import { type SiteListQuery, siteStates } from './schema.js'
import { findSite } from './sites.js'

/** What the pages about sites show, and with it what the API answers. */

type ListQuery = z.output<typeof SiteListQuery>

const cursorKey = z.tuple([z.iso.datetime(), z.uuid()])

export const sitesPage = (ctx: TeamCtx, query: ListQuery) =>
  ctx.reading(async (tx) => {
    const after = decodeCursor(ctx, query.cursor, cursorKey)
    const server = query.server ? await findServer(tx, query.server) : null
    const filter = {
      after: after && { createdAt: after[0], id: after[1] },
      search: query.search || null,
      state: query.state ?? null,
      serverId: server?.id ?? null,
      limit: query.limit + 1,
    }
    const [rows, servers] = await Promise.all([queries.sitesPage(tx, filter), serverNames(tx, 50)])
    const page = listPage(ctx, rows, query.limit, (row) => [row.created_at.toISOString(), row.id])
    return {
      items: page.items.map((row) => listed(ctx, row)),
      nextCursor: page.nextCursor,
      query,
      links: linksOf(ctx, query, page.nextCursor),
      states: siteStates,
      servers: servers.map(({ slug, name }) => ({ value: slug, label: name })),
    }
  })

/** The same list, further on or from its beginning: what was searched for stays. */
function linksOf(ctx: TeamCtx, { search, state, server, limit }: ListQuery, nextCursor: string | null) {
  const address = (cursor: string | null) => {
    const all = { search, state, server, limit: limit === 50 ? undefined : String(limit), cursor: cursor ?? undefined }
    const given = Object.entries(all).filter((entry): entry is [string, string] => Boolean(entry[1]))
    return given.length === 0
      ? paths.sites(ctx.team.slug)
      : `${paths.sites(ctx.team.slug)}?${new URLSearchParams(Object.fromEntries(given))}`
  }
  return { first: address(null), next: nextCursor && address(nextCursor) }
}

/** Links are made here: a page has fifty rows of them, and a template pays for each word it looks up. */
function listed(ctx: TeamCtx, row: queries.ListedSite) {
  const server = { kind: row.server_kind, address: row.server_address }
  const url = row.served_url ?? addressOf(server, ctx.services.config.baseUrl, row.port)
  const showsDeploys = ctx.may('deploy:read', row.id)
  return {
    id: row.id,
    slug: row.slug,
    name: row.name,
    state: row.state,
    href: paths.site(ctx.team.slug, row.slug),
    url,
    address: url.replace(/^https?:\/\//, ''),
    repositoryUrl: row.repository_url,
    repository: shortAddress(row.repository_url),
    branch: row.branch,
    server: {
      slug: row.server_slug,
      name: row.server_name,
      href: ctx.maySomewhere('server:read') ? paths.server(ctx.team.slug, row.server_slug) : null,
    },
    showsDeploys,
    lastDeploy: showsDeploys ? lastDeploy(ctx, row) : null,
    createdAt: row.created_at,
  }
}

function lastDeploy(ctx: TeamCtx, row: queries.ListedSite) {
  const { deploy_number: number, deploy_status, deploy_at: at } = row
  if (number === null || deploy_status === null || at === null) return null
  const status = row.deploy_folded ? 'folded' : row.deploy_rolled_back ? 'rolled back' : deploy_status
  return {
    number,
    at,
    status,
    style: `last-deploy is-${status.replace(' ', '-')}`,
    href: paths.deploy(ctx.team.slug, row.slug, number),
  }
}

/** `github.com/acme/shop`, however it is cloned. */
const shortAddress = (url: string): string =>
  url
    .replace(/^(https?|ssh):\/\//, '')
    .replace(/^[^@/]*@/, '')
    .replace(/^([^/:]+):(?=\D)/, '$1/')
    .replace(/\.git\/?$/, '')

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

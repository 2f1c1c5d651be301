import { z } from 'zod'
import { addressOf } from '../domains/domains.js'
import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { decodeCursor, listPage } from '../platform/http/pagination.js'
import { findServer, serverNames } from '../servers/servers.js'
import * as queries from './list-queries.js'
import { type SiteListQuery, siteStates } from './schema.js'

/** The list of sites: what its page shows, and with it what the API answers. */

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
      href: ctx.may('server:read', row.server_id) ? paths.server(ctx.team.slug, row.server_slug) : null,
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

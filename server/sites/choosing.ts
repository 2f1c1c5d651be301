import { hasInstallation, listOffered, listRepositories, offersOf } from '../connections/connections.js'
import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { RepositoryQuery } from './schema.js'

/** Lists of repositories to choose from: of the GitHub Apps, which are kept here, and of each token, which are asked for. */
export async function repositoriesPage(ctx: TeamCtx, query: RepositoryQuery, signal: AbortSignal) {
  const { sources, isInstalled } = await ctx.reading(sourcesOf)
  const connection = query.connection ?? (isInstalled ? null : (sources[0]?.connection ?? null))
  const wanted = { search: query.search || null, page: query.page }
  const found = connection
    ? { faults: [], ...(await ofToken(ctx, connection, wanted, signal)) }
    : { fault: null, ...(await ofApps(ctx, wanted)) }
  const at = (page: number) => addressOf(ctx, connection, { search: query.search ?? '', page: String(page) })
  return {
    ...found,
    ...{ query, connection, isInstalled },
    sources: sources.map((source) => ({
      ...source,
      href: addressOf(ctx, source.connection, { search: query.search ?? '' }),
      isCurrent: source.connection === connection,
    })),
    links: { next: found.nextPage && at(found.nextPage), previous: query.page > 1 ? at(query.page - 1) : null },
  }
}

async function sourcesOf(tx: Parameters<typeof offersOf>[0]) {
  const isInstalled = await hasInstallation(tx)
  const offers = await offersOf(tx)
  const label = ({ host, by }: (typeof offers)[number]) =>
    offers.filter((one) => one.host === host).length > 1 ? `${host}, by ${by}` : host
  const ofTokens = offers.map((offer) => ({ connection: offer.id, label: label(offer) }))
  return { isInstalled, sources: [...(isInstalled ? [{ connection: null, label: 'GitHub' }] : []), ...ofTokens] }
}

type Wanted = Parameters<typeof listOffered>[2]

async function ofApps(ctx: TeamCtx, wanted: Wanted) {
  const found = await listRepositories(ctx, wanted)
  const { slug } = ctx.team
  return { ...found, repositories: found.repositories.map((one) => ({ ...one, href: paths.newSite(slug, one.key) })) }
}

/** The token that lists them is no key to them: a private one needs a way in of its own. */
async function ofToken(ctx: TeamCtx, connection: string, wanted: Wanted, signal: AbortSignal) {
  const found = await listOffered(ctx, connection, wanted, signal)
  const href = ({ url, isPrivate }: (typeof found.repositories)[number]) =>
    paths.newSiteFrom(ctx.team.slug, { address: url, access: isPrivate === false ? 'none' : 'token' })
  return { ...found, repositories: found.repositories.map((one) => ({ ...one, href: href(one) })) }
}

const addressOf = (ctx: TeamCtx, connection: string | null, filter: Readonly<Record<string, string>>): string =>
  `${paths.siteRepositories(ctx.team.slug)}?${new URLSearchParams({ ...(connection && { connection }), ...filter })}`

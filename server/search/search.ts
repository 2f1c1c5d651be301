import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import * as queries from './queries.js'
import { matchingTeamActs, readWish, type SiteAct, slugPart, slugPrefix, type TeamAct } from './rules.js'

/** What ⌘K finds: only what this person may open or do. */
export interface Found {
  q: string
  siteActs: { act: SiteAct['act']; slug: string; name: string }[]
  sites: queries.FoundSite[]
  servers: queries.FoundServer[]
  teamActs: TeamAct[]
}

const shownSites = 8
const shownServers = 5
const shownForAct = 5

export async function search(ctx: TeamCtx, q: string): Promise<Found> {
  const wish = readWish(q)
  const act = wish.act && ctx.may(wish.act.permission) ? wish.act : null
  const teamActs = matchingTeamActs(wish.text).filter(({ permission }) => ctx.may(permission))
  return ctx.reading(async (tx) => ({
    q,
    siteActs: act ? (await sitesLike(tx, wish.site, shownForAct)).map((site) => ({ ...site, act: act.act })) : [],
    sites: ctx.may('site:read') ? await sitesLike(tx, wish.text, shownSites) : [],
    servers: ctx.may('server:read') && wish.text !== '' ? await queries.serversWith(tx, wish.text, shownServers) : [],
    teamActs,
  }))
}

/** Those that begin so; where there is room, those that have it anywhere; failing both, by their name. No text: the newest. */
async function sitesLike(tx: TeamTx, text: string, limit: number): Promise<queries.FoundSite[]> {
  if (text === '') return queries.newestSites(tx, limit)
  const prefix = slugPrefix(text)
  const first = prefix === '' ? [] : await queries.sitesByPrefix(tx, prefix, limit)
  if (first.length === limit) return first
  const slugs = first.map(({ slug }) => slug)
  const found = [...first, ...(await queries.sitesWithInSlug(tx, slugPart(text), slugs, limit - first.length))]
  return found.length > 0 ? found : queries.sitesWithInName(tx, text, limit)
}

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
  const act = wish.act && ctx.maySomewhere(wish.act.permission) ? wish.act : null
  const teamActs = matchingTeamActs(wish.text).filter(({ permission }) => ctx.maySomewhere(permission))
  return ctx.reading(async (tx) => ({
    q,
    siteActs: act ? await actsOn(tx, act, wish.site) : [],
    sites: ctx.maySomewhere('site:read') ? await sitesLike(tx, wish.text, shownSites) : [],
    servers:
      ctx.maySomewhere('server:read') && wish.text !== '' ? await queries.serversWith(tx, wish.text, shownServers) : [],
    teamActs,
  }))
}

async function actsOn(tx: TeamTx, { act, permission }: SiteAct, text: string): Promise<Found['siteActs']> {
  const sites = await sitesLike(tx, text, shownForAct)
  return sites.flatMap(({ id, slug, name }) => (tx.ctx.may(permission, id) ? [{ act, slug, name }] : []))
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

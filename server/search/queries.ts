import type { TeamTx } from '../platform/access/ctx.js'
import type { ServersRow, SitesRow } from '../platform/db/tables.js'

export type FoundSite = Pick<SitesRow, 'id' | 'slug' | 'name' | 'state'>
export type FoundServer = Pick<ServersRow, 'slug' | 'name' | 'status'>

/**
 * A prefix as a range: comparing is leakproof, so the index is used under row-level security, where `like` would first
 * have every row of the team pass by. `~` sorts after whatever a slug may hold.
 */
export const sitesByPrefix = (tx: TeamTx, prefix: string, limit: number): Promise<FoundSite[]> =>
  tx
    .db('sites')
    .where({ team_id: tx.ctx.team.id })
    .whereRaw('slug collate "C" >= ? and slug collate "C" < ?', [prefix, `${prefix}~`])
    .select('id', 'slug', 'name', 'state')
    .orderByRaw('slug collate "C"')
    .limit(limit)

/** Anywhere in the slug; for when too little begins with the text. */
export const sitesWithInSlug = (
  tx: TeamTx,
  part: string,
  except: readonly string[],
  limit: number,
): Promise<FoundSite[]> =>
  tx
    .db('sites')
    .where({ team_id: tx.ctx.team.id })
    .whereRaw('position(? in slug) > 0', [part])
    .whereNotIn('slug', [...except])
    .select('id', 'slug', 'name', 'state')
    .limit(limit)

/** For names that a slug does not hold: other alphabets, and what was renamed since. The slowest, so it is asked last. */
export const sitesWithInName = (tx: TeamTx, part: string, limit: number): Promise<FoundSite[]> =>
  tx
    .db('sites')
    .where({ team_id: tx.ctx.team.id })
    .whereRaw('position(? in lower(name)) > 0', [part])
    .select('id', 'slug', 'name', 'state')
    .limit(limit)

export const newestSites = (tx: TeamTx, limit: number): Promise<FoundSite[]> =>
  tx
    .db('sites')
    .where({ team_id: tx.ctx.team.id })
    .select('id', 'slug', 'name', 'state')
    .orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(limit)

export const serversWith = (tx: TeamTx, text: string, limit: number): Promise<FoundServer[]> =>
  tx
    .db('servers')
    .where({ team_id: tx.ctx.team.id })
    .whereRaw('(position(? in slug) > 0 or position(? in lower(name)) > 0 or position(? in address) > 0)', [
      text.replaceAll(' ', '-'),
      text,
      text,
    ])
    .modify((query) => {
      const open = tx.ctx.openServers()
      if (open !== 'all') query.whereIn('id', [...open])
    })
    .select('slug', 'name', 'status')
    .orderBy('name')
    .limit(limit)

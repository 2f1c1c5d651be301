import type { TeamCtx } from '../platform/access/ctx.js'
import * as queries from './queries.js'
import { seesGroups } from './rules.js'

/** What roles are held on, as it is told to somebody: by name where they see it, and else by what kind of thing it is. */

export interface Thing {
  readonly site_id: string | null
  readonly server_id: string | null
  readonly group_id: string | null
}

export function isSeen(ctx: TeamCtx, { site_id, server_id, group_id }: Thing): boolean {
  if (site_id !== null) return ctx.may('site:read', site_id)
  // A server is named beside its sites to whoever sees those.
  if (server_id !== null) return ctx.may('server:read', server_id) || ctx.may('site:read', server_id)
  return group_id === null || seesGroups(ctx)
}

export function nameSeen(ctx: TeamCtx, thing: Thing, name: string | null): string | null {
  if (isSeen(ctx, thing)) return name
  if (thing.site_id !== null) return 'A site'
  return thing.server_id === null ? 'A group of sites' : 'A server'
}

/** Names to choose from while typing, also on a page of the whole team; whoever has more types the rest. */
export const thingsSeen = (ctx: TeamCtx) => ctx.reading(queries.someThings, 'site:read')

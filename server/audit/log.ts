import { z } from 'zod'
import { eventTypes, inWords } from '../activity/activity.js'
import type { PersonCtx, TeamCtx } from '../platform/access/ctx.js'
import { decodeCursor, listPage } from '../platform/http/pagination.js'
import { membersOf } from '../teams/teams.js'
import * as queries from './queries.js'
import { filterOf } from './rules.js'
import type { AuditFilters } from './schema.js'
import { changesOf } from './shown.js'

/** The team's log as it was written: who, from where, what was before and what after. */
export async function auditPage(ctx: TeamCtx, query: AuditFilters & { cursor?: string | undefined; limit: number }) {
  const { cursor, limit, ...filters } = query
  const members = ctx.may('member:read') ? await membersOf(ctx) : []
  return ctx.reading(async (tx) => {
    const rows = await queries.teamEvents(tx, filterOf(filters, eventTypes), belowOf(ctx, cursor), limit + 1)
    const { items, nextCursor } = listPage(ctx, rows, limit, (row) => [row.at.toISOString(), row.sequence])
    const shown = (await inWords(tx, items)).map((event) => ({ ...event, changes: changesOf(event.data) }))
    return { items: shown, nextCursor, members, query: filters, groups, kinds }
  })
}

/** Throws 400 for what is no cursor. */
export function belowOf(ctx: PersonCtx | TeamCtx, cursor: string | undefined): queries.Below {
  const below = decodeCursor(ctx, cursor, z.tuple([z.iso.datetime(), z.number().int()]))
  return below && [new Date(below[0]), below[1]]
}

/** For people to choose from. */
const groups = [...new Set(eventTypes.map((type) => type.split('.')[0] ?? type))].sort()
const kinds = [
  'site',
  'server',
  'team',
  'operation',
  'connection',
  'github-app',
  'api-key',
  'role',
  'site-group',
  'user',
  'directory-user',
  'directory-group',
]

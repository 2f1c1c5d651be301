import { sentenceFor } from '../activity/activity.js'
import type { PersonCtx } from '../platform/access/ctx.js'
import { listPage } from '../platform/http/pagination.js'
import { belowOf } from './log.js'
import { outsideTypes } from './outside.js'
import * as queries from './queries.js'
import { filterOf } from './rules.js'
import type { AuditFilters } from './schema.js'
import { changesOf } from './shown.js'

/** What belongs to no team: setup, sign-ins and refusals. For who runs the panel. */
export async function operatorAuditPage(
  ctx: PersonCtx,
  query: AuditFilters & { cursor?: string | undefined; limit: number },
) {
  const { cursor, limit, ...filters } = query
  const filter = filterOf(filters, outsideTypes)
  const rows = await ctx.services.db.asOperator((db) => queries.outsideEvents(db, filter, belowOf(cursor), limit + 1))
  const { items, nextCursor } = listPage(rows, limit, (row) => [row.at.toISOString(), row.sequence])
  const shown = items.map((event) => {
    const name = event.subject_name ?? (event.subject_kind === 'user' ? 'somebody' : event.subject_kind)
    return {
      ...{ ...event, who: event.actor_name, sentence: sentenceFor(event.type, event.data) },
      ...{ subject: { name, href: null }, changes: changesOf(event.data) },
    }
  })
  return { items: shown, nextCursor, members: [], query: filters, groups, kinds: ['user', 'setup', 'event-log'] }
}

const groups = [...new Set(outsideTypes.map((type) => type.split('.')[0] ?? type))].sort()

import { sentenceFor } from '../activity/activity.js'
import type { PersonCtx } from '../platform/access/ctx.js'
import type { EventsRow } from '../platform/db/tables.js'
import { listPage } from '../platform/http/pagination.js'
import { belowOf } from './log.js'
import { outsideSentences, outsideTypes } from './outside.js'
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
  const rows = await ctx.services.db.asOperator((db) =>
    queries.outsideEvents(db, filter, belowOf(ctx, cursor), limit + 1),
  )
  const { items, nextCursor } = listPage(ctx, rows, limit, (row) => [row.at.toISOString(), row.sequence])
  const shown = items.map((event) => ({
    ...{ ...event, who: event.actor_name, sentence: sentenceFor(event.type, event.data, outsideSentences) },
    ...{ subject: { name: nameOf(event), href: null }, changes: changesOf(event.data) },
  }))
  return { items: shown, nextCursor, members: [], query: filters, groups, kinds: ['user', 'setup', 'event-log'] }
}

const groups = [...new Set(outsideTypes.map((type) => type.split('.')[0] ?? type))].sort()

/** Nobody's, where the sentence is about who did it. */
function nameOf({ subject_kind: kind, subject_id: id, subject_name: name, actor_id: by }: EventsRow): string {
  if (kind === 'setup' || (id !== null && id === by)) return ''
  if (name !== null) return name
  return { user: 'somebody', panel: 'the panel', team: 'the panel' }[kind] ?? kind
}

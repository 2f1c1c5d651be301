import { Readable } from 'node:stream'
import { eventTypes } from '../activity/activity.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { append } from '../platform/events/append.js'
import * as queries from './queries.js'
import { csvHeader, csvLine, filterOf, jsonLine } from './rules.js'
import type { AuditFilters } from './schema.js'

const batch = 5000

/** What the page shows with the same filters, all of it, newest first. That it was exported is an event before anything is. */
export async function exportLog(
  ctx: TeamCtx,
  { format, ...filters }: AuditFilters & { format: 'csv' | 'jsonl' },
): Promise<Readable> {
  await ctx.transaction((tx) =>
    append(tx, {
      ...{ type: 'audit.exported', subject: { kind: 'team', id: ctx.team.id, name: ctx.team.name } },
      data: { format, filters },
    }),
  )
  const filter = filterOf(filters, eventTypes)
  const read = (below: queries.Below) => ctx.reading((tx) => queries.exportedEvents(tx, filter, below, batch))
  return Readable.from(format === 'csv' ? textOf(read, csvHeader, csvLine) : textOf(read, '', jsonLine))
}

type Read = (below: queries.Below) => Promise<queries.ExportedEvent[]>

/** A text for each batch; two are in memory at most, and none is read before the one before it has been taken. */
async function* textOf(
  read: Read,
  header: string,
  lineOf: (event: queries.ExportedEvent) => string,
): AsyncGenerator<string> {
  if (header) yield header
  let next = read(null)
  for (let isMore = true; isMore; ) {
    const events = await next
    const last = events.at(-1)
    isMore = last !== undefined && events.length === batch
    if (last && isMore) next = read([last.at, last.sequence])
    // Who hangs up does not wait for it.
    next.catch(() => undefined)
    yield events.map(lineOf).join('')
  }
}

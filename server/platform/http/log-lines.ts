import { z } from 'zod'
import type { Origin } from './route.js'
import type { ServerEvent } from './sse.js'

/** What the log viewer (`components/log.njk`, `public/js/log.js`) shows: by the page at first, by the stream after. */
export interface LogLine {
  readonly seq: number
  readonly at: Date
  /** `note` is our own word between what a program printed. */
  readonly stream: 'out' | 'err' | 'note'
  readonly text: string
}

/** The query of a log's stream. A tab that was hidden opens a new stream and can say only here how far it got. */
export const logQuery = z.object({ after: z.coerce.number().int().min(0).optional() })

/** The sequence number to go on after: the browser's own reconnect knows best, then the page, then the beginning. */
export function resumeAfter(call: { readonly origin: Origin; readonly query: z.output<typeof logQuery> }): number {
  const seen = call.origin.lastEventId
  return seen !== undefined && /^\d{1,15}$/.test(seen) ? Number(seen) : (call.query.after ?? 0)
}

/** Lines as one event; they must not be none. */
export const logEvent = (lines: readonly LogLine[]): ServerEvent => ({
  id: lines.at(-1)?.seq ?? 0,
  data: JSON.stringify(lines),
})

import type { Knex } from 'knex'
import { firstHash, hashOf } from './event.js'
import { eventsAfter, maybeHead } from './queries.js'

export type Verdict = { ok: true; events: number } | { ok: false; sequence: number; why: string }

const batch = 1000

/** Walks a chain from its start and names the first row that is not what was appended. */
export async function verifyChain(db: Knex.Transaction, teamId: string): Promise<Verdict> {
  let sequence = 0
  let previous: Buffer = firstHash

  for (;;) {
    const events = await eventsAfter(db, teamId, sequence, batch)
    for (const event of events) {
      if (event.sequence !== sequence + 1) return { ok: false, sequence: sequence + 1, why: 'The event is missing' }
      if (!event.previous_hash.equals(previous))
        return { ok: false, sequence: event.sequence, why: 'It does not follow the event before it' }
      if (!hashOf(event).equals(event.hash)) return { ok: false, sequence: event.sequence, why: 'It was altered' }
      sequence = event.sequence
      previous = event.hash
    }
    if (events.length < batch) break
  }

  const head = await maybeHead(db, teamId)
  if (head && (head.sequence !== sequence || !head.hash.equals(previous)))
    return { ok: false, sequence: head.sequence, why: 'The newest events are missing' }
  return { ok: true, events: sequence }
}

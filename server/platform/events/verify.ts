import type { Database, Transaction } from '../db/doors.js'
import { firstHash, hashOf } from './event.js'
import { chainIds, eventsAfter, maybeHead } from './queries.js'

export type Verdict = { ok: true; events: number } | { ok: false; sequence: number; why: string }

const batch = 1000

/** Walks a chain from its start and names the first row that is not what was appended. */
export async function verifyChain(db: Transaction, teamId: string): Promise<Verdict> {
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
  if (!head && sequence > 0) return { ok: false, sequence, why: 'The end of the chain is missing' }
  if (head && (head.sequence !== sequence || !head.hash.equals(previous)))
    return { ok: false, sequence: head.sequence, why: 'The newest events are missing' }
  return { ok: true, events: sequence }
}

/** The verdict on each chain by its team's id, the one outside teams included. */
export const verifyAll = (db: Database): Promise<[teamId: string, verdict: Verdict][]> =>
  db.asOperator(async (trx) => {
    const verdicts: [string, Verdict][] = []
    for (const teamId of await chainIds(trx)) verdicts.push([teamId, await verifyChain(trx, teamId)])
    return verdicts
  })

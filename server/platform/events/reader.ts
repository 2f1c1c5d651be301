import type { Database, TransactionOf } from '../db/doors.js'
import type { EventsRow } from '../db/tables.js'
import * as queries from './queries.js'

/**
 * Something that follows the log: each event in order, at least once. `handle` runs in the transaction that moves the
 * cursor, so effects in the database happen exactly once; effects outside must be keyed by the event's id.
 */
export interface EventReader {
  readonly name: string
  handle(event: EventsRow, db: TransactionOf<'system'>): Promise<void>
}

const batch = 100

/**
 * Brings a reader up to date in every chain. Two processes may call it at once: each chain is followed by one of them.
 * @throws AggregateError when the reader could not take events; those chains wait, and the others were read
 */
export async function catchUp(db: Database, reader: EventReader): Promise<void> {
  const behind = await db.asSystem((trx) => queries.teamsBehind(trx, reader.name))
  const faults: unknown[] = []
  for (const { team_id } of behind) await readChain(db, reader, team_id).catch((error) => faults.push(error))
  if (faults.length > 0) throw new AggregateError(faults, `${reader.name} could not read ${faults.length} chains`)
}

async function readChain(db: Database, reader: EventReader, teamId: string): Promise<void> {
  while (await readBatch(db, reader, teamId)) {
    // Until the chain has no more; each batch is a transaction of its own.
  }
}

const readBatch = (db: Database, reader: EventReader, teamId: string): Promise<boolean> =>
  db.asSystem(async (trx) => {
    const seen = await queries.lockCursor(trx, reader.name, teamId)
    if (seen === null) return false

    const events = await queries.eventsAfter(trx, teamId, seen, batch)
    for (const event of events) await reader.handle(event, trx)
    const last = events.at(-1)
    if (last) await queries.moveCursor(trx, reader.name, last)
    return events.length === batch
  })

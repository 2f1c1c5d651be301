import type { Transaction, TransactionOf } from '../db/doors.js'
import type { EventCutsRow, EventHeadsRow, EventsRow } from '../db/tables.js'
import { rowHash } from './hash.js'

export const maybeHead = (db: Transaction, teamId: string): Promise<EventHeadsRow | undefined> =>
  db('event_heads').select('team_id', 'sequence', 'hash', 'at').where({ team_id: teamId }).first()

/** Where a chain begins since its oldest months went, and whether those were old enough to go. */
export async function maybeCut(
  db: Transaction,
  teamId: string,
): Promise<(Pick<EventCutsRow, 'sequence' | 'hash' | 'before'> & { was_due: boolean }) | undefined> {
  const [cut] = await db.rows<Pick<EventCutsRow, 'sequence' | 'hash' | 'before'> & { was_due: boolean }>(
    `select sequence, hash, before, before <= now() - interval '7 years' as was_due from event_cuts where team_id = $1`,
    [teamId],
  )
  return cut
}

/** Every chain there is, also one whose head somebody removed. */
export async function chainIds(db: TransactionOf<'operator'>): Promise<string[]> {
  const rows = await db.rows<{ team_id: string }>(
    'select team_id from event_heads union select distinct team_id from events order by team_id',
    [],
  )
  return rows.map((row) => row.team_id)
}

/** Of events above one number and up to another. */
export interface Stretch {
  readonly teamId: string
  readonly above: number
  readonly upTo: number
}

/** The first whose hash is not that of what it says. Written so that PostgreSQL asks all its workers. */
export async function firstAltered(db: Transaction, { teamId, above, upTo }: Stretch): Promise<number | null> {
  const [found] = await db.rows<{ sequence: number | null }>(
    `select min(sequence) filter (where hash <> ${rowHash}) as sequence
      from events where team_id = $1 and sequence > $2 and sequence <= $3`,
    [teamId, above, upTo],
  )
  return found?.sequence ?? null
}

/** The first that does not follow the one before it, and the number of that. `hash`: of the event that the stretch is above. */
export async function firstUnlinked(
  db: Transaction,
  { teamId, above, upTo }: Stretch,
  hash: Buffer,
): Promise<{ sequence: number; before: number } | undefined> {
  const [found] = await db.rows<{ sequence: number; before: number }>(
    `select sequence, before from (
        select sequence, previous_hash, lag(sequence, 1, $2) over chain as before, lag(hash, 1, $4) over chain as hash_before
          from events where team_id = $1 and sequence > $2 and sequence <= $3 window chain as (order by sequence)) event
      where sequence <> before + 1 or previous_hash <> hash_before order by sequence limit 1`,
    [teamId, above, upTo, hash],
  )
  return found
}

/** The hashes, in hex, of those that are there, in their order. */
export const hashesOf = (db: Transaction, teamId: string, sequences: readonly number[]): Promise<[number, string][]> =>
  db('events')
    .select('sequence', 'hash')
    .where({ team_id: teamId })
    .whereIn('sequence', sequences)
    .orderBy('sequence')
    .then((rows) => rows.map(({ sequence, hash }) => [sequence, hash.toString('hex')]))

export const maybeLast = (
  db: Transaction,
  { teamId, above, upTo }: Stretch,
): Promise<Pick<EventsRow, 'sequence' | 'hash'> | undefined> =>
  db('events')
    .select('sequence', 'hash')
    .where({ team_id: teamId })
    .where('sequence', '>', above)
    .where('sequence', '<=', upTo)
    .orderBy('sequence', 'desc')
    .first()

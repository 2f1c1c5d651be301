import type { Transaction, TransactionOf } from '../db/doors.js'
import type { EventCutsRow, EventHeadsRow, EventsRow } from '../db/tables.js'
import { rowHash } from './hash.js'

export const maybeHead = (db: Transaction, teamId: string): Promise<EventHeadsRow | undefined> =>
  db('event_heads').select('team_id', 'sequence', 'hash', 'at').where({ team_id: teamId }).first()

/** Where a chain begins since its oldest months went, and whether those were old enough to go. */
export type Cut = Pick<EventCutsRow, 'sequence' | 'hash' | 'before'> & { was_due: boolean }

export async function maybeCut(db: Transaction, teamId: string): Promise<Cut | undefined> {
  const [cut] = await db.rows<Cut>(
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

/** The first whose hash is not that of what it says, and how many there are. As an aggregate, so that all workers are asked. */
export async function rehash(
  db: Transaction,
  { teamId, above, upTo }: Stretch,
): Promise<{ altered: number | null; count: number }> {
  const [found] = await db.rows<{ altered: number | null; count: number }>(
    `select min(sequence) filter (where hash <> ${rowHash}) as altered, count(*)::int as count
      from events where team_id = $1 and sequence > $2 and sequence <= $3`,
    [teamId, above, upTo],
  )
  return found ?? { altered: null, count: 0 }
}

/** The first that does not follow the one before it. `hash`: of the event that the stretch is above. */
export async function firstUnlinked(
  db: Transaction,
  { teamId, above, upTo }: Stretch,
  hash: Buffer,
): Promise<number | null> {
  const [found] = await db.rows<{ sequence: number | null }>(
    `select min(event.sequence) filter (where event.previous_hash is distinct from
        case when event.sequence = $2 + 1 then $4 else before.hash end) as sequence
      from events event left join events before on before.team_id = $1 and before.sequence = event.sequence - 1
      where event.team_id = $1 and event.sequence > $2 and event.sequence <= $3`,
    [teamId, above, upTo, hash],
  )
  return found?.sequence ?? null
}

/** The first number that two events have: an index only keeps that from being within a month. */
export async function firstTwice(db: Transaction, { teamId, above, upTo }: Stretch): Promise<number | null> {
  const [found] = await db.rows<{ sequence: number }>(
    `select sequence from events where team_id = $1 and sequence > $2 and sequence <= $3
      group by sequence having count(*) > 1 order by sequence limit 1`,
    [teamId, above, upTo],
  )
  return found?.sequence ?? null
}

/** Of numbers that are in no stretch: the first before it, and the first and the last behind it. */
export async function outside(
  db: Transaction,
  { teamId, above, upTo }: Stretch,
): Promise<{ before: number | null; behind: number | null; last: number | null }> {
  const [found] = await db.rows<{ before: number | null; behind: number | null; last: number | null }>(
    `select (select min(sequence) from events where team_id = $1 and sequence <= $2) as before,
       (select min(sequence) from events where team_id = $1 and sequence > $3) as behind,
       (select max(sequence) from events where team_id = $1 and sequence > $3) as last`,
    [teamId, above, upTo],
  )
  return found ?? { before: null, behind: null, last: null }
}

/** The hashes, in hex, of those that are there, in their order. */
export const hashesOf = (db: Transaction, teamId: string, sequences: readonly number[]): Promise<[number, string][]> =>
  db('events')
    .select('sequence', 'hash')
    .where({ team_id: teamId })
    .whereIn('sequence', sequences)
    .orderBy('sequence')
    .then((rows) => rows.map(({ sequence, hash }) => [sequence, hash.toString('hex')]))

/** The last that is there. */
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

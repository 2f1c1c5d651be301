import type { Transaction, TransactionOf } from '../db/doors.js'
import type { EventCutsRow, EventHeadsRow, EventsRow } from '../db/tables.js'

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

/**
 * The events with those numbers, in order, each as the texts that are hashed of it, one after another with a sign between
 * that hardly anybody writes, and all of them in one text. A million objects with dates and JSON inside would take longer
 * than all of their hashes, and a million messages half as long.
 */
export async function chainLines(db: Transaction, teamId: string, above: number, upTo: number): Promise<string[]> {
  const [row] = await db.rows<{ lines: string | null }>(lines, [teamId, above, upTo])
  return row?.lines ? row.lines.split('\x1e') : []
}

/** Of `chainLines`, in their order. What may be null stands behind a sign of its own, so that nothing is not an empty text. */
export const lineFields = 15

// The sign between lines becomes the one between fields where somebody wrote it: then the line has too many of these.
const lines = `
  select string_agg(replace(line, E'\\x1e', E'\\x1f'), E'\\x1e') as lines from (
    select concat_ws(E'\\x1f', sequence, encode(hash, 'hex'), encode(previous_hash, 'hex'), id, team_id, type, actor_kind, coalesce(actor_id::text, ''),
      actor_name, subject_kind, coalesce(subject_id::text, ''), data, at at time zone 'UTC',
      coalesce('=' || address, ''), coalesce('=' || subject_name, '')) as line
    from events where team_id = $1 and sequence > $2 and sequence <= $3 order by sequence) event`

/** One event as a row, for where its line does not tell enough; and whether its time is finer than what is hashed of it. */
export async function maybeEvent(
  db: Transaction,
  teamId: string,
  sequence: number,
): Promise<{ event: EventsRow; isFiner: boolean } | undefined> {
  const event = await db('events').select('*').where({ team_id: teamId, sequence }).first()
  const [time] = await db.rows<{ finer: boolean }>(
    `select at <> date_trunc('milliseconds', at) as finer from events where team_id = $1 and sequence = $2`,
    [teamId, sequence],
  )
  return event && time && { event, isFiner: time.finer }
}

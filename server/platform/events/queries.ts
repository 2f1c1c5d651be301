import type { Transaction, TransactionOf } from '../db/doors.js'
import type { EventHeadsRow, EventsRow } from '../db/tables.js'
import type { ChainedEvent } from './event.js'
import { rowHash } from './hash.js'

/** Takes the head of the chain until the end of the transaction; a new chain starts at sequence 0. */
export async function lockHead(db: Transaction, teamId: string, firstHash: Buffer): Promise<EventHeadsRow> {
  await db('event_heads').insert({ team_id: teamId, sequence: 0, hash: firstHash }).onConflict('team_id').ignore()
  const head = await db('event_heads')
    .select('team_id', 'sequence', 'hash', 'at')
    .where({ team_id: teamId })
    .forUpdate()
    .first()
  if (!head) throw new Error(`The chain of ${teamId} cannot be seen through this door`)
  return head
}

/** Writes it with its hash, and moves the head of its chain on to it. Returns the hash. */
export async function insertEvent(db: Transaction, event: ChainedEvent): Promise<Buffer> {
  const given = JSON.stringify({ ...event, previous_hash: `\\x${event.previous_hash.toString('hex')}` })
  const [written] = await db.rows<{ hash: Buffer }>(insertion, [given])
  if (!written) throw new Error(`The chain of ${event.team_id} has no head`)
  return written.hash
}

const written = `id, team_id, sequence, type, actor_kind, actor_id, actor_name, subject_kind, subject_id, subject_name,
  address, data, at, previous_hash`

const insertion = `
  with event as (select ${written}, ${rowHash} as own_hash from json_populate_record(null::events, $1)),
    appended as (insert into events (${written}, hash) select ${written}, own_hash from event)
  update event_heads set sequence = event.sequence, hash = event.own_hash, at = event.at
    from event where event_heads.team_id = event.team_id returning event_heads.hash`

export const notify = async (db: Transaction, channel: string, payload: string): Promise<void> =>
  void (await db.raw('select pg_notify(?, ?)', [channel, payload]))

/**
 * Oldest first. `since` spares the months before it a look: the time of a chain does not run backwards, but by what a
 * clock was set back; where an event is missing that way, all months are looked at.
 */
export async function eventsAfter(
  db: Transaction,
  teamId: string,
  seen: { sequence: number; at: Date | null },
  limit: number,
): Promise<EventsRow[]> {
  const after = () =>
    db('events')
      .select('*')
      .where({ team_id: teamId })
      .where('sequence', '>', seen.sequence)
      .orderBy('sequence')
      .limit(limit)
  if (seen.at === null) return after()
  const found = await after().where('at', '>=', new Date(seen.at.getTime() - dayMs))
  const isGapless = found.every((event, index) => event.sequence === seen.sequence + 1 + index)
  return isGapless && found.length > 0 ? found : after()
}

const dayMs = 24 * 3600_000

/** Teams with events that the reader has not seen. */
export const teamsBehind = (
  db: TransactionOf<'system'>,
  reader: string,
): Promise<{ team_id: string; seen: number }[]> =>
  db('event_heads as head')
    .leftJoin('event_cursors as cursor', (join) =>
      join.on('cursor.team_id', 'head.team_id').andOn('cursor.reader', db.raw('?', [reader])),
    )
    .whereRaw('head.sequence > coalesce(cursor.sequence, 0)')
    .select('head.team_id', db.raw('coalesce(cursor.sequence, 0)::bigint as seen'))

/** Locks the reader's place in one chain; null when another process holds it. */
export async function lockCursor(
  db: TransactionOf<'system'>,
  reader: string,
  teamId: string,
): Promise<{ sequence: number; at: Date | null } | null> {
  await db('event_cursors').insert({ reader, team_id: teamId, sequence: 0 }).onConflict(['reader', 'team_id']).ignore()
  const cursor = await db('event_cursors')
    .select('sequence', 'at')
    .where({ reader, team_id: teamId })
    .forUpdate()
    .skipLocked()
    .first()
  return cursor ?? null
}

export const moveCursor = (
  db: TransactionOf<'system'>,
  reader: string,
  event: Pick<EventsRow, 'team_id' | 'sequence' | 'at'>,
): Promise<number> =>
  db('event_cursors').update({ sequence: event.sequence, at: event.at }).where({ reader, team_id: event.team_id })

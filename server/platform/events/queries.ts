import type { Transaction, TransactionOf } from '../db/doors.js'
import type { EventHeadsRow, EventsRow } from '../db/tables.js'
import type { ChainedEvent } from './event.js'

/** Takes the head of the chain until the end of the transaction; a new chain starts at sequence 0. */
export async function lockHead(db: Transaction, teamId: string, firstHash: Buffer): Promise<EventHeadsRow> {
  await db('event_heads').insert({ team_id: teamId, sequence: 0, hash: firstHash }).onConflict('team_id').ignore()
  const head = await db('event_heads')
    .select('team_id', 'sequence', 'hash')
    .where({ team_id: teamId })
    .forUpdate()
    .first()
  if (!head) throw new Error(`The chain of ${teamId} cannot be seen through this door`)
  return head
}

export const maybeHead = (db: Transaction, teamId: string): Promise<EventHeadsRow | undefined> =>
  db('event_heads').select('team_id', 'sequence', 'hash').where({ team_id: teamId }).first()

/** Every chain there is, also one whose head somebody removed. */
export async function chainIds(db: TransactionOf<'operator'>): Promise<string[]> {
  const { rows } = await db.raw<{ rows: { team_id: string }[] }>(
    'select team_id from event_heads union select team_id from events order by team_id',
  )
  return rows.map((row) => row.team_id)
}

export async function insertEvent(db: Transaction, event: ChainedEvent, hash: Buffer): Promise<void> {
  await db('events').insert({ ...event, data: JSON.stringify(event.data), hash })
  await db('event_heads').update({ sequence: event.sequence, hash }).where({ team_id: event.team_id })
}

export const notify = async (db: Transaction, channel: string, payload: string): Promise<void> =>
  void (await db.raw('select pg_notify(?, ?)', [channel, payload]))

/** Oldest first. */
export const eventsAfter = (db: Transaction, teamId: string, sequence: number, limit: number): Promise<EventsRow[]> =>
  db('events').select('*').where({ team_id: teamId }).where('sequence', '>', sequence).orderBy('sequence').limit(limit)

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
export async function lockCursor(db: TransactionOf<'system'>, reader: string, teamId: string): Promise<number | null> {
  await db('event_cursors').insert({ reader, team_id: teamId, sequence: 0 }).onConflict(['reader', 'team_id']).ignore()
  const cursor = await db('event_cursors')
    .select('sequence')
    .where({ reader, team_id: teamId })
    .forUpdate()
    .skipLocked()
    .first()
  return cursor ? cursor.sequence : null
}

export const moveCursor = (
  db: TransactionOf<'system'>,
  reader: string,
  teamId: string,
  sequence: number,
): Promise<number> => db('event_cursors').update({ sequence }).where({ reader, team_id: teamId })

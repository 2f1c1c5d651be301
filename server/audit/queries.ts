import type { Transaction, TransactionOf } from '../platform/db/doors.js'
import type { AnchorKeysRow, EventAnchorsRow, EventHeadsRow } from '../platform/db/tables.js'

type System = TransactionOf<'system'>

export const maybeAnchorKey = (db: Transaction): Promise<AnchorKeysRow | undefined> =>
  db('anchor_keys').select('id', 'public_key', 'private_sealed', 'made_at').first()

/** Whoever comes first makes it. */
export const insertAnchorKey = async (db: System, row: AnchorKeysRow): Promise<void> =>
  void (await db('anchor_keys').insert(row).onConflict(db.raw('((true))')).ignore())

export const allHeads = (db: System): Promise<Pick<EventHeadsRow, 'team_id' | 'sequence' | 'hash'>[]> =>
  db('event_heads').select('team_id', 'sequence', 'hash').where('sequence', '>', 0).orderBy('team_id')

export const hasAnchor = async (db: System, day: string): Promise<boolean> =>
  (await db('event_anchors').select('made_at').where({ day }).first()) !== undefined

export const insertAnchor = async (db: System, row: Pick<EventAnchorsRow, 'day' | 'text' | 'made_at'>): Promise<void> =>
  void (await db('event_anchors').insert(row).onConflict('day').ignore())

export const anchorsWithout = (
  db: System,
  done: 'written_at' | 'mailed_at',
  limit: number,
): Promise<Pick<EventAnchorsRow, 'day' | 'text'>[]> =>
  db('event_anchors').select('day', 'text').whereNull(done).orderBy('day').limit(limit)

export const markAnchor = (
  db: System,
  day: string,
  done: Partial<Pick<EventAnchorsRow, 'written_at' | 'mailed_at'>>,
): Promise<number> => db('event_anchors').update(done).where({ day })

export const anchorTexts = (db: TransactionOf<'operator'>): Promise<Pick<EventAnchorsRow, 'day' | 'text'>[]> =>
  db('event_anchors').select('day', 'text').orderBy('day')

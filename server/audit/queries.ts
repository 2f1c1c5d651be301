import type { TeamTx } from '../platform/access/ctx.js'
import type { Transaction, TransactionOf } from '../platform/db/doors.js'
import type { AnchorKeysRow, EventAnchorsRow, EventHeadsRow, EventsRow } from '../platform/db/tables.js'
import { outsideTeams } from '../platform/events/event.js'

type System = TransactionOf<'system'>

export const maybeAnchorKey = (db: Transaction): Promise<AnchorKeysRow | undefined> =>
  db('anchor_keys').select('id', 'public_key', 'private_sealed', 'made_at').first()

/** Whoever comes first makes it. */
export const insertAnchorKey = async (db: System, row: AnchorKeysRow): Promise<void> =>
  void (await db('anchor_keys').insert(row).onConflict(db.raw('((true))')).ignore())

/** Nobody appends to any chain until the end of the transaction. */
export const lockHeads = async (db: System): Promise<void> =>
  void (await db.raw('lock table event_heads in exclusive mode'))

export const hasHeads = async (db: System): Promise<boolean> =>
  (await db('event_heads').select('team_id').where('sequence', '>', 0).first()) !== undefined

type Head = Pick<EventHeadsRow, 'team_id' | 'sequence' | 'hash'> & { at: Date; first: number; first_at: Date }

/** With the first event that is kept, if any is. */
export const allHeads = (db: System): Promise<Head[]> =>
  db.rows<Head>(
    `select head.team_id, head.sequence, head.hash, coalesce(head.at, last.at, cut.before) as at,
       coalesce(cut.sequence, 0) + 1 as first, coalesce(kept.at, head.at, last.at, cut.before) as first_at
     from event_heads head left join event_cuts cut on cut.team_id = head.team_id
       -- Heads of before a version said no time, and of a team that is gone none is ever moved again.
       left join lateral (select at from events
         where head.at is null and events.team_id = head.team_id and events.sequence = head.sequence limit 1) last on true
       left join lateral (select at from events
         where events.team_id = head.team_id and events.sequence = coalesce(cut.sequence, 0) + 1 limit 1) kept on true
     where head.sequence > 0 order by head.team_id`,
    [],
  )

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

/** What the audit page can ask for; what is null is any. `words` is a query of PostgreSQL's text search. */
export interface Filter {
  person: string | null
  types: readonly string[] | null
  kind: string | null
  subject: string | null
  named: string | null
  since: Date | null
  until: Date | null
  address: string | null
  words: string | null
}

/** Where a page ends: what comes next is older. */
export type Below = readonly [at: Date, sequence: number] | null

/** Newest first. */
export const teamEvents = (tx: TeamTx, filter: Filter, below: Below, most: number): Promise<EventsRow[]> =>
  found(tx, '*', valuesOf(filter, below, most))

/** Newest first, with texts in place of what an export would only write down again: JSON of the data, hex of the hash. */
export const exportedEvents = (tx: TeamTx, filter: Filter, below: Below, most: number): Promise<ExportedEvent[]> =>
  found(tx, exported, valuesOf(filter, below, most))

export type ExportedEvent = Omit<EventsRow, 'id' | 'team_id' | 'data' | 'previous_hash' | 'hash'> & {
  data: string
  hash: string
}

const exported = `at, sequence, type, actor_kind, actor_name, actor_id, address, subject_kind, subject_name, subject_id,
  data::text as data, encode(hash, 'hex') as hash`

/** A whole team's are found by a function of their own, see the migration. */
const found = <Row>(tx: TeamTx, columns: string, given: readonly unknown[]): Promise<Row[]> =>
  tx.ctx.seesWholeTeam()
    ? tx.db.rows(`select ${columns} from team_audit_events(${places(given)})`, given)
    : tx.db.rows(`select ${columns} from audit_events(${places([null, ...given])})`, [tx.ctx.team.id, ...given])

/** Of what belongs to no team. */
export function outsideEvents(
  db: TransactionOf<'operator'>,
  filter: Filter,
  below: Below,
  most: number,
): Promise<EventsRow[]> {
  const given = [outsideTeams, ...valuesOf(filter, below, most)]
  return db.rows(`select * from audit_events(${places(given)})`, given)
}

const valuesOf = (filter: Filter, below: Below, most: number): unknown[] => [
  ...[filter.person, filter.types, filter.kind, filter.subject, filter.named, filter.since, filter.until],
  ...[filter.address, filter.words, below?.[0] ?? null, below?.[1] ?? null, most],
]

const places = (values: readonly unknown[]): string => values.map((_, index) => `$${index + 1}`).join(', ')

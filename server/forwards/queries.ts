import type { Transaction, TransactionOf } from '../platform/db/doors.js'
import type { ForwardsRow } from '../platform/db/tables.js'

type System = TransactionOf<'system'>

const columns = [
  ...([
    'team_id',
    'kind',
    'address',
    'ca',
    'secret_sealed',
    'sequence',
    'at',
    'failures',
    'retry_at',
    'fault',
  ] as const),
  ...(['taken_until', 'sent_at', 'created_at'] as const),
]

export const maybeForward = (db: Transaction, teamId: string): Promise<ForwardsRow | undefined> =>
  db('forwards')
    .select(...columns)
    .where({ team_id: teamId })
    .first()

/** What is sent anew begins where it had come to. */
export const putForward = async (db: Transaction, row: ForwardsRow): Promise<void> =>
  void (await db('forwards')
    .insert(row)
    .onConflict('team_id')
    .merge(['kind', 'address', 'ca', 'secret_sealed', 'failures', 'retry_at', 'fault', 'taken_until']))

export const deleteForward = (db: Transaction, teamId: string): Promise<number> =>
  db('forwards').delete().where({ team_id: teamId })

export const forwardsBehind = (db: System, now: Date): Promise<{ team_id: string }[]> =>
  db.rows(
    `select f.team_id from forwards f join event_heads h on h.team_id = f.team_id and h.sequence > f.sequence
     where coalesce(f.retry_at, $1) <= $1 and coalesce(f.taken_until, $1) <= $1 order by f.sent_at nulls first`,
    [now],
  )

/** One worker sends at a time; whoever dies loses its turn soon. */
export async function claimForward(db: System, teamId: string, now: Date, until: Date): Promise<ForwardsRow | null> {
  const [row] = await db('forwards')
    .update({ taken_until: until })
    .where({ team_id: teamId })
    .where((free) => free.whereNull('taken_until').orWhere('taken_until', '<=', now))
    // It may have failed since it was found to be behind.
    .where((due) => due.whereNull('retry_at').orWhere('retry_at', '<=', now))
    .returning(columns)
  return row ?? null
}

/** A row that was changed meanwhile is not what was sent to, and is not found by these. */
const settingsOf = ({ team_id, kind, address, ca, secret_sealed }: ForwardsRow) => ({
  ...{ team_id, kind, address, ca, secret_sealed },
})

/** `before`: as it was when the batch was read. Somebody who was slow moves nothing back. */
export const moveForward = (
  db: System,
  before: ForwardsRow,
  to: Pick<ForwardsRow, 'sequence' | 'at' | 'sent_at' | 'taken_until'>,
): Promise<number> =>
  db('forwards')
    .update({ ...to, failures: 0, retry_at: null, fault: null })
    .where({ ...settingsOf(before), sequence: before.sequence })

export const failForward = (
  db: System,
  before: ForwardsRow,
  failed: Pick<ForwardsRow, 'failures' | 'retry_at' | 'fault'>,
): Promise<number> =>
  db('forwards')
    .update({ ...failed, taken_until: null })
    .where(settingsOf(before))

/** Nobody else's turn: it may have been set anew and taken by another meanwhile. */
export const releaseForward = (
  db: System,
  { team_id, taken_until }: Pick<ForwardsRow, 'team_id' | 'taken_until'>,
): Promise<number> => db('forwards').update({ taken_until: null }).where({ team_id, taken_until })

/** Of teams that are removed: once all of theirs was sent on, and in any case when they were removed before `before`. */
export const deleteEnded = (db: System, before: Date): Promise<number> =>
  db('forwards')
    .whereIn('team_id', (ended) =>
      ended
        .select('removed.id')
        .from('removed_teams as removed')
        .join('event_heads as head', 'head.team_id', 'removed.id')
        .whereRaw('(removed.removed_at < ? or head.sequence <= forwards.sequence)', [before]),
    )
    .delete()

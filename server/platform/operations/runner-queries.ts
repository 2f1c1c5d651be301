import type { TeamRef } from '../access/ctx.js'
import type { TransactionOf } from '../db/doors.js'

export const maybeTeam = (db: TransactionOf<'system'>, id: string): Promise<TeamRef | undefined> =>
  db('teams').select('id', 'slug', 'name').where({ id }).first()

/** The oldest that waits for what has just become free: the subject, or a place in the pool. */
export const waitingFor = (
  db: TransactionOf<'system'>,
  freed: { subject: string; pool: string | null },
): Promise<{ id: string; claims: number }[]> =>
  db('operations')
    .select('id', 'claims')
    .where({ status: 'queued' })
    .where((either) =>
      either
        .where({ subject: freed.subject })
        .orWhere((inPool) => inPool.whereNotNull('pool').where({ pool: freed.pool })),
    )
    .orderBy('created_at')
    .limit(20)

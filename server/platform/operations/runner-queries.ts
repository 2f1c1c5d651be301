import type { TeamRef } from '../access/ctx.js'
import type { TransactionOf } from '../db/doors.js'

export const maybeTeam = (db: TransactionOf<'system'>, id: string): Promise<TeamRef | undefined> =>
  db('teams').select('id', 'slug', 'name').where({ id }).first()

/** The oldest that waits for what has just become free: the subject, a place in the pool, or (not null) one of the team's. */
export const waitingFor = (
  db: TransactionOf<'system'>,
  freed: { subject: string; pool: string | null; team_id: string | null },
): Promise<{ id: string; claims: number }[]> =>
  db('operations')
    .select('id', 'claims')
    .where({ status: 'queued' })
    .where((either) =>
      either
        .where({ subject: freed.subject })
        .orWhere((inPool) => inPool.whereNotNull('pool').where({ pool: freed.pool }))
        .modify((query) => void (freed.team_id && query.orWhere({ team_id: freed.team_id }))),
    )
    .orderBy('created_at')
    .limit(20)

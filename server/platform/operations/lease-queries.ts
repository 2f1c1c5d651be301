import type { TransactionOf } from '../db/doors.js'
import type { OperationsRow } from '../db/tables.js'

/** Who runs what. Times are the database's own, so that clocks of different machines do not matter. */

/** Its runner has not been heard for so many seconds. */
const lost = "status = 'running' and heartbeat_at < clock_timestamp() - make_interval(secs => ?)"

/** The row, locked, when it may be taken now: queued, or left by a lost runner. */
export const lockClaimable = (
  db: TransactionOf<'system'>,
  id: string,
  leaseSeconds: number,
): Promise<OperationsRow | undefined> =>
  db('operations')
    .select('*')
    .where({ id })
    .whereRaw(`(status = 'queued' or (${lost}))`, [leaseSeconds])
    .forUpdate()
    .skipLocked()
    .first()

/** True when another operation holds the subject, or an older one waits for it. */
export async function isSubjectTaken(db: TransactionOf<'system'>, operation: OperationsRow): Promise<boolean> {
  const row = await db('operations')
    .select('id')
    .where({ subject: operation.subject })
    .whereNot({ id: operation.id })
    .whereRaw("(status = 'running' or (status = 'queued' and (created_at, id) < (?, ?)))", [
      operation.created_at,
      operation.id,
    ])
    .first()
  return row !== undefined
}

/** Counts under a lock that lasts to the end of the transaction, so that two claims cannot both see the last place. */
export async function isPoolFull(db: TransactionOf<'system'>, operation: OperationsRow): Promise<boolean> {
  if (operation.pool === null) return false
  await db.raw('select pg_advisory_xact_lock(hashtextextended(?, 0))', [operation.pool])
  const [row] = await db('operations')
    .where({ pool: operation.pool, status: 'running' })
    .whereNot({ id: operation.id })
    .count({ running: '*' })
  return Number(row?.running) >= operation.pool_limit
}

/** Counts as above, the places of all workers. What a lost runner left has none: it waits for one. */
export async function countRunning(
  db: TransactionOf<'system'>,
  operation: OperationsRow,
  leaseSeconds: number,
): Promise<{ mine: number; all: number }> {
  await db.raw("select pg_advisory_xact_lock(hashtextextended('places', 0))")
  const [row] = await db('operations')
    .where({ status: 'running' })
    .whereNot({ id: operation.id })
    .whereRaw(`not (${lost})`, [leaseSeconds])
    .select<{ mine: number; all: number }[]>(
      db.raw('count(*) filter (where team_id = ?)::integer as mine', [operation.team_id]),
      db.raw('count(*)::integer as "all"'),
    )
  return row ?? { mine: 0, all: 0 }
}

/** The subject's next number; no two runs ever have the same. */
export async function nextFence(db: TransactionOf<'system'>, subject: string): Promise<number> {
  const [row] = await db('leases')
    .insert({ subject, fence: 1 })
    .onConflict('subject')
    .merge({ fence: db.raw('leases.fence + 1') })
    .returning('fence')
  if (!row) throw new Error('An upsert returned no row')
  return row.fence
}

export async function take(
  db: TransactionOf<'system'>,
  id: string,
  runner: string,
  fence: number,
): Promise<OperationsRow> {
  const [row] = await db('operations')
    .where({ id })
    .update({
      status: 'running',
      runner,
      fence,
      claims: db.raw('claims + 1'),
      heartbeat_at: db.raw('clock_timestamp()'),
      started_at: db.raw('coalesce(started_at, clock_timestamp())'),
    })
    .returning('*')
  if (!row) throw new Error('A locked row is gone')
  return row
}

/** Says that the runner lives. Undefined when the lease is lost. */
export async function beat(
  db: TransactionOf<'system'>,
  id: string,
  runner: string,
  fence: number,
): Promise<{ cancel_requested_at: Date | null } | undefined> {
  const [row] = await db('operations')
    .where({ id, runner, fence, status: 'running' })
    .update({ heartbeat_at: db.raw('clock_timestamp()') })
    .returning('cancel_requested_at')
  return row
}

/** Takes the row's lock and tells whether the lease is still ours: every write of a runner begins with it. */
export async function holdsLease(
  db: TransactionOf<'system'> | TransactionOf<'team'>,
  id: string,
  runner: string,
  fence: number,
): Promise<boolean> {
  const row = await db('operations').select('id').where({ id, runner, fence, status: 'running' }).forUpdate().first()
  return row !== undefined
}

/**
 * What could be run now: the first in line of each free subject whose pool has a place, and what a lost runner left. First
 * that of the team that runs least, then as if that ran and the next were to be chosen: a team with hundreds does not push
 * the others out of the list.
 */
export const dueOperations = (
  db: TransactionOf<'system'>,
  limit: number,
  leaseSeconds: number,
): Promise<Pick<OperationsRow, 'id' | 'claims'>[]> =>
  db.rows(
    `with running as (select team_id, pool from operations where status = 'running'),
       teams as (select team_id, count(*) as running from running group by team_id),
       pools as (select pool, count(*) as running from running group by pool)
     select o.id, o.claims from operations o
     left join teams on teams.team_id = o.team_id
     left join pools on pools.pool = o.pool
     where (${lost.replace('?', '$2').replace(/status|heartbeat_at/g, 'o.$&')})
       or (o.status = 'queued'
         and (pools.running is null or pools.running < o.pool_limit)
         and not exists (
           select from operations other
           where other.subject = o.subject and other.id <> o.id
             and (other.status = 'running' or (other.status = 'queued' and (other.created_at, other.id) < (o.created_at, o.id)))))
     order by coalesce(teams.running, 0) + row_number() over (partition by o.team_id order by o.created_at, o.id), o.created_at, o.id
     limit $1`,
    [limit, leaseSeconds],
  )

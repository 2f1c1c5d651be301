import type { TeamTx } from '../access/ctx.js'
import type { TransactionOf } from '../db/doors.js'
import type { OperationLogRow, OperationStepsRow, OperationsRow } from '../db/tables.js'

/** Tells whoever watches an operation that something of it changed. */
export const operationsChannel = 'hostler_operations'

export const notify = async (db: TeamTx['db'] | TransactionOf<'system'>, operationId: string): Promise<void> =>
  void (await db.raw('select pg_notify(?, ?)', [operationsChannel, operationId]))

type NewOperation = Pick<
  OperationsRow,
  'id' | 'team_id' | 'kind' | 'subject' | 'pool' | 'pool_limit' | 'title' | 'requested_by' | 'created_at'
> & { input: unknown }

export async function insertOperation(tx: TeamTx, operation: NewOperation, steps: readonly string[]): Promise<void> {
  await tx.db('operations').insert({ ...operation, input: JSON.stringify(operation.input) })
  await tx
    .db('operation_steps')
    .insert(steps.map((name, position) => ({ operation_id: operation.id, team_id: operation.team_id, position, name })))
}

export const maybeOperation = (tx: TeamTx, id: string): Promise<OperationsRow | undefined> =>
  tx.db('operations').select('*').where({ id, team_id: tx.ctx.team.id }).first()

export const stepsOf = (tx: TeamTx, operationId: string): Promise<OperationStepsRow[]> =>
  tx.db('operation_steps').select('*').where({ operation_id: operationId, team_id: tx.ctx.team.id }).orderBy('position')

/** Newest first. */
export const operationsOf = (tx: TeamTx, subject: string, limit: number): Promise<OperationsRow[]> =>
  tx.db('operations').select('*').where({ team_id: tx.ctx.team.id, subject }).orderBy('created_at', 'desc').limit(limit)

export type OpenOperation = Pick<
  OperationsRow,
  | ('id' | 'kind' | 'title' | 'status' | 'message' | 'hint' | 'requested_by')
  | ('cancel_requested_at' | 'created_at' | 'started_at' | 'ended_at')
>

/** Null before the team's first. */
export const maybeNewestId = async (tx: TeamTx): Promise<string | null> =>
  (await tx.db('operations').where({ team_id: tx.ctx.team.id }).orderBy('created_at', 'desc').select('id').first())
    ?.id ?? null

/** Queued and running, oldest first. Every open page asks it every few seconds; the words are spelt as its index spells them. */
export const openOperations = (tx: TeamTx): Promise<OpenOperation[]> =>
  tx.db.rows(
    `select id, kind, title, status, message, hint, requested_by, cancel_requested_at, created_at, started_at, ended_at
     from operations
     where team_id = $1 and status in ('queued', 'running')
     order by created_at limit 20`,
    [tx.ctx.team.id],
  )

export const logAfter = (
  tx: TeamTx,
  operationId: string,
  sequence: number,
  limit: number,
): Promise<OperationLogRow[]> =>
  tx
    .db('operation_log')
    .select('*')
    .where({ operation_id: operationId, team_id: tx.ctx.team.id })
    .where('sequence', '>', sequence)
    .orderBy('sequence')
    .limit(limit)

/** The newest lines, in their order: what went wrong stands at the end. */
export const logTail = async (tx: TeamTx, operationId: string, limit: number): Promise<OperationLogRow[]> =>
  (
    await tx
      .db('operation_log')
      .select('*')
      .where({ operation_id: operationId, team_id: tx.ctx.team.id })
      .orderBy('sequence', 'desc')
      .limit(limit)
  ).reverse()

/** Ends an operation that no runner has begun; false when one has. */
export async function endQueued(
  tx: TeamTx,
  id: string,
  status: 'cancelled' | 'failed',
  message: string,
): Promise<boolean> {
  const changed = await tx
    .db('operations')
    .update({
      status,
      message,
      ended_at: tx.ctx.now(),
      cancel_requested_at: tx.ctx.now(),
      cancel_requested_by: tx.ctx.actor.name,
    })
    .where({ id, team_id: tx.ctx.team.id, status: 'queued' })
  await tx
    .db('operation_steps')
    .update({ state: 'skipped' })
    .where({ operation_id: id, state: 'waiting' })
    .whereExists(tx.db('operations').select(tx.db.raw('1')).where({ id, team_id: tx.ctx.team.id, status }))
  await notify(tx.db, id)
  return changed === 1
}

export async function requestCancel(tx: TeamTx, id: string, by: string): Promise<void> {
  await tx
    .db('operations')
    .update({ cancel_requested_at: tx.ctx.now(), cancel_requested_by: by })
    .where({ id, team_id: tx.ctx.team.id, status: 'running' })
    .whereNull('cancel_requested_at')
  await notify(tx.db, id)
}

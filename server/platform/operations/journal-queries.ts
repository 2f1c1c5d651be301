import type { TransactionOf } from '../db/doors.js'
import type { OperationStepsRow, OperationsRow } from '../db/tables.js'
import { notify } from './queries.js'

/** What a runner writes down; called only inside `Lease.write`. */
type Db = TransactionOf<'system'>

export const readSteps = (db: Db, operationId: string): Promise<OperationStepsRow[]> =>
  db('operation_steps').select('*').where({ operation_id: operationId }).orderBy('position')

export type StepChange = Pick<OperationStepsRow, 'state'> & { output?: unknown; message?: string | null }

export async function recordStep(
  db: Db,
  step: OperationStepsRow,
  { state, output, message }: StepChange,
): Promise<void> {
  await db('operation_steps')
    .where({ operation_id: step.operation_id, position: step.position })
    .update({
      state,
      ...(state === 'running'
        ? { started_at: db.raw('coalesce(started_at, clock_timestamp())'), ended_at: null }
        : { ended_at: db.raw('clock_timestamp()') }),
      ...(message === undefined ? {} : { message }),
      ...(output === undefined ? {} : { output: JSON.stringify(output) }),
    })
  await notify(db, step.operation_id)
}

export async function recordEnding(
  db: Db,
  id: string,
  ending: { ending: 'failed' | 'cancelled'; message: string; hint: string | null },
): Promise<void> {
  await db('operations').where({ id }).update(ending)
  await notify(db, id)
}

export async function skipWaiting(db: Db, operationId: string): Promise<void> {
  await db('operation_steps').where({ operation_id: operationId, state: 'waiting' }).update({ state: 'skipped' })
}

export interface End {
  status: Exclude<OperationsRow['status'], 'queued' | 'running'>
  message: string | null
  hint: string | null
}

/** False when the lease is no longer ours. */
export async function recordEnd(
  db: TransactionOf<'team'>,
  operation: OperationsRow,
  end: End,
  now: Date,
): Promise<boolean> {
  const changed = await db('operations')
    .where({ id: operation.id, runner: operation.runner, fence: operation.fence, status: 'running' })
    .update({ ...end, ended_at: now })
  await db('operation_steps').where({ operation_id: operation.id, state: 'waiting' }).update({ state: 'skipped' })
  await notify(db, operation.id)
  return changed === 1
}

/** Gives the operation back, so that another runner may take it at once. */
export const giveBack = async (db: Db, id: string): Promise<void> =>
  void (await db('operations')
    .where({ id })
    .update({ runner: null, heartbeat_at: db.raw("'epoch'::timestamptz") }))

export async function lastSequence(db: Db, operationId: string): Promise<number> {
  const row = await db('operation_log').where({ operation_id: operationId }).max({ sequence: 'sequence' }).first()
  return Number(row?.sequence ?? 0)
}

export interface LogLine {
  step: number
  stream: 'stdout' | 'stderr' | 'note'
  line: string
  at: Date
}

export async function insertLog(
  db: Db,
  operation: OperationsRow,
  after: number,
  lines: readonly LogLine[],
): Promise<void> {
  await db('operation_log').insert(
    lines.map((line, index) => ({
      ...line,
      operation_id: operation.id,
      team_id: operation.team_id,
      sequence: after + index + 1,
    })),
  )
  await notify(db, operation.id)
}

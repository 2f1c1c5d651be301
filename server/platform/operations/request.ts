import type { z } from 'zod'
import type { TeamTx } from '../access/ctx.js'
import type { OperationsRow } from '../db/tables.js'
import { conflict, notFound } from '../errors.js'
import { append } from '../events/append.js'
import { isId, newId } from '../ids.js'
import { isEnded, type OperationDeclaration } from './declare.js'
import { runOperation } from './jobs.js'
import * as queries from './queries.js'

export interface OperationRequest<D extends OperationDeclaration> {
  input: z.input<D['input']>
  /** What only one operation at a time may hold: `site:<id>`. */
  subject: string
  /** Where only so many may run at once. */
  pool?: { name: string; limit: number }
  /** "Deploy shop": for lists and notices. */
  title: string
}

/** Writes the operation down as queued, and rings once that is kept. The caller appends the event that says why. */
export async function requestOperation<D extends OperationDeclaration>(
  tx: TeamTx,
  declaration: D,
  request: OperationRequest<D>,
): Promise<string> {
  const id = newId()
  await queries.insertOperation(
    tx,
    {
      id,
      team_id: tx.ctx.team.id,
      kind: declaration.kind,
      subject: request.subject,
      pool: request.pool?.name ?? null,
      pool_limit: request.pool?.limit ?? 1,
      title: request.title,
      input: declaration.input.parse(request.input),
      requested_by: tx.ctx.actor.name,
      created_at: tx.ctx.now(),
    },
    declaration.steps.map((step) => step.name),
  )
  ring(tx, id)
  return id
}

/** A lost ring is not lost work: the sweep finds the row. */
function ring(tx: TeamTx, operationId: string): void {
  const { queue, log } = tx.ctx.services
  tx.afterCommit(() =>
    queue
      .enqueue(runOperation, { operationId }, { key: `${operationId}-0` })
      .catch((error) => log.warn({ err: error, operationId }, 'could not ring')),
  )
}

/** A queued operation ends at once; a running one is told, and ends when its runner has undone what it began. */
export async function cancelOperation(tx: TeamTx, operationId: string): Promise<void> {
  const operation = await findOperation(tx, operationId)
  if (isEnded(operation.status)) throw conflict(`“${operation.title}” has already ended`)
  if (operation.cancel_requested_at) return

  const by = tx.ctx.actor.name
  const ended = await queries.endQueued(tx, operationId, 'cancelled', `${by} cancelled it before it began`)
  if (!ended) await queries.requestCancel(tx, operationId, by)
  await append(tx, {
    type: 'operation.cancel-requested',
    subject: { kind: 'operation', id: operationId },
    data: { kind: operation.kind, title: operation.title },
  })
}

/** Ends a queued operation because another does its work; false when it has begun. */
export const foldOperation = (tx: TeamTx, operationId: string, why: string): Promise<boolean> =>
  queries.endQueued(tx, operationId, 'cancelled', why)

export async function findOperation(tx: TeamTx, operationId: string): Promise<OperationsRow> {
  const operation = isId(operationId) && (await queries.maybeOperation(tx, operationId))
  if (!operation) throw notFound('operation')
  return operation
}

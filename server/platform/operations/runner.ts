import { TeamCtx, type TeamRef } from '../access/ctx.js'
import type { OperationStepsRow, OperationsRow } from '../db/tables.js'
import { UserError } from '../errors.js'
import { append } from '../events/append.js'
import type { Services } from '../services.js'
import { claim } from './claim.js'
import type { AnyOperationHandler, Outcome } from './handle.js'
import { giveBack, readSteps, recordEnd, recordEnding } from './journal-queries.js'
import { holdLease, type Lease } from './lease.js'
import { OperationLog } from './log.js'
import { isCancel, runPipeline } from './pipeline.js'
import { maybeTeam } from './runner-queries.js'
import { sentenceOf } from './sentence.js'
import { createStepRunner } from './step-runner.js'
import { LeaseLost, RunnerStopping } from './stop-reasons.js'
import { ringNext } from './sweep.js'

/** So often may an operation be lost with its worker; one that kills its worker each time must not do so for ever. */
const maxClaims = 10

/**
 * Runs one operation to its end, or until this process stops or loses it. Safe to call at any time, from any number of
 * workers: only the one that claims it goes on.
 */
export async function run(
  services: Services,
  handlers: ReadonlyMap<string, AnyOperationHandler>,
  operationId: string,
  runner: string,
  stopping: AbortSignal,
): Promise<void> {
  const operation = await claim(services, operationId, runner)
  if (!operation) return
  const log = services.log.child({ operationId, kind: operation.kind, fence: operation.fence })
  const lease = holdLease(services, operation, runner)
  log.info('operation claimed')

  try {
    const outcome = await runClaimed(services, handlers.get(operation.kind), lease, stopping)
    log.info({ outcome }, 'operation ended')
  } catch (error) {
    if (error instanceof LeaseLost) return log.warn('operation lost to another worker')
    if (error instanceof RunnerStopping) {
      await lease.write((db) => giveBack(db, operationId))
      return log.info('operation given back')
    }
    throw error
  } finally {
    lease.release()
  }
  await ringNext(services)
}

async function runClaimed(
  services: Services,
  handler: AnyOperationHandler | undefined,
  lease: Lease,
  stopping: AbortSignal,
): Promise<Outcome> {
  const { operation } = lease
  const team = await lease.write((db) => maybeTeam(db, operation.team_id))
  if (!team) throw new LeaseLost() // The team is gone, and its operations with it.
  const ctx = TeamCtx.system(services, team, operation.requested_by)
  if (!handler)
    return end(ctx, undefined, lease, {
      status: 'failed',
      message: `This version of Hostler does not know ${operation.kind}`,
      hint: null,
    })

  const log = new OperationLog(lease)
  const steps = await lease.write((db) => readSteps(db, operation.id))
  const outcome = await walk(ctx, handler, lease, log, steps, stopping)
  await log.endStep()
  return end(ctx, handler, lease, outcome)
}

async function walk(
  ctx: TeamCtx,
  handler: AnyOperationHandler,
  lease: Lease,
  log: OperationLog,
  steps: OperationStepsRow[],
  stopping: AbortSignal,
): Promise<Outcome> {
  const { operation } = lease
  let outcome = endingOf(operation)

  async function decide(error: unknown): Promise<void> {
    const { message, hint } = sentenceOf(error)
    const status = isCancel(error) ? ('cancelled' as const) : ('failed' as const)
    outcome = { status, message: log.mask(message), hint: hint && log.mask(hint) }
    await lease.write((db) =>
      recordEnding(db, operation.id, { ending: status, message: log.mask(message), hint: hint && log.mask(hint) }),
    )
  }

  try {
    if (operation.claims > maxClaims)
      throw new UserError(
        500,
        `Its worker was lost ${maxClaims} times`,
        "Look into the worker's log for what ends it, then start the operation again.",
      )
    const input = handler.operation.input.parse(operation.input) as never
    const loading = { operationId: operation.id, fence: lease.fence }
    const context = await lease.patiently(() => handler.load(ctx, input, loading))
    const runner = createStepRunner({ ctx, handler, lease, log, steps, input, context, stopping })
    await runPipeline({ steps, isEnding: operation.ending !== null, decide, ...runner })
  } catch (error) {
    if (error instanceof LeaseLost || error instanceof RunnerStopping) throw error
    if (outcome.status === 'succeeded') await decide(error)
    ctx.services.log.error({ err: error, operationId: operation.id }, 'operation could not be run')
  }
  return outcome
}

const endingOf = ({ ending, message, hint }: OperationsRow): Outcome =>
  ending ? { status: ending, message: message ?? '', hint } : { status: 'succeeded' }

/** The last write, the handler's own changes and the event stand or fall together. */
async function end(
  ctx: TeamCtx,
  handler: AnyOperationHandler | undefined,
  lease: Lease,
  outcome: Outcome,
): Promise<Outcome> {
  const { operation } = lease
  const { message = null, hint = null } = outcome.status === 'succeeded' ? {} : outcome
  await lease.patiently(() =>
    ctx.transaction(async (tx) => {
      if (!(await recordEnd(tx.db, operation, { status: outcome.status, message, hint }, tx.ctx.now())))
        throw new LeaseLost()
      await handler?.ended?.(tx, operation.input as never, outcome, operation.id)
      await append(tx, {
        type: `operation.${outcome.status}`,
        subject: { kind: 'operation', id: operation.id },
        data: { kind: operation.kind, title: operation.title, subject: operation.subject },
      })
    }),
  )
  return outcome
}

export type { TeamRef }

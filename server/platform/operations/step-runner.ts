import type { TeamCtx } from '../access/ctx.js'
import type { OperationStepsRow } from '../db/tables.js'
import { RemoteCommandError } from '../ssh/remote-command-error.js'
import type { AnyOperationHandler, StepHandler, StepRun } from './handle.js'
import { recordStep, type StepChange } from './journal-queries.js'
import type { Lease } from './lease.js'
import type { OperationLog } from './log.js'
import type { Pipeline } from './pipeline.js'
import { sentenceOf } from './sentence.js'
import { DeadlinePassed, LeaseLost, RunnerStopping } from './stop-reasons.js'

interface Setting {
  ctx: TeamCtx
  handler: AnyOperationHandler
  lease: Lease
  log: OperationLog
  steps: OperationStepsRow[]
  input: never
  context: never
  stopping: AbortSignal
}

const undoDeadlineMs = 5 * 60_000

/** How one step is run, undone and written down. */
export function createStepRunner(setting: Setting): Pick<Pipeline, 'run' | 'undo' | 'commits' | 'checkpoint'> {
  const { handler, lease, log, steps } = setting
  const declared = (step: OperationStepsRow) => handler.operation.steps.find(({ name }) => name === step.name)
  const handlerOf = (step: OperationStepsRow): StepHandler<never, never, unknown> => {
    const found = (handler.steps as Record<string, StepHandler<never, never, unknown>>)[step.name]
    if (!found) throw new Error(`The step “${step.name}” is not part of this version`)
    return found
  }

  async function record(step: OperationStepsRow, change: StepChange): Promise<void> {
    await log.endStep((db) => recordStep(db, step, change))
    Object.assign(step, change)
  }

  async function run(step: OperationStepsRow, committed: boolean): Promise<void> {
    const { deadlineMs, run: work } = handlerOf(step)
    await record(step, { state: 'running' })
    const stops = committed ? [] : [lease.cancel]
    try {
      const output = await within(deadlineMs, [lease.lost, setting.stopping, ...stops], (signal) =>
        work(stepRun(setting, step, signal)),
      )
      const schema = declared(step)?.output
      await record(step, { state: 'succeeded', message: null, ...(schema ? { output: schema.parse(output) } : {}) })
    } catch (error) {
      if (error instanceof LeaseLost || error instanceof RunnerStopping) throw error
      // What a command said that nobody listened to: the sentence often sends the reader to its last lines.
      if (error instanceof RemoteCommandError && !error.isHeard)
        for (const line of error.lastLines) log.write(step.position, 'stderr', line)
      await record(step, { state: 'failed', message: log.mask(sentenceOf(error).message) })
      throw error
    }
  }

  async function undo(step: OperationStepsRow): Promise<void> {
    const { undo: work } = handlerOf(step)
    if (!work) return
    try {
      await within(undoDeadlineMs, [lease.lost, setting.stopping], (signal) => work(stepRun(setting, step, signal)))
      if (step.state === 'succeeded') await record(step, { state: 'undone' })
    } catch (error) {
      if (error instanceof LeaseLost || error instanceof RunnerStopping) throw error
      // Shown by name, and the rest is undone all the same.
      await record(step, {
        state: 'undo-failed',
        message: log.mask(`It could not be undone: ${sentenceOf(error).message}`),
      })
    }
  }

  return {
    run,
    undo,
    commits: (step) => declared(step)?.commits === true,
    checkpoint: (committed) => {
      lease.lost.throwIfAborted()
      setting.stopping.throwIfAborted()
      if (!committed) lease.cancel.throwIfAborted()
    },
  }

  function stepRun(given: Setting, step: OperationStepsRow, signal: AbortSignal): StepRun<never, never> {
    return {
      operationId: lease.operation.id,
      input: given.input,
      context: given.context,
      ctx: given.ctx,
      services: given.ctx.services,
      fence: lease.fence,
      signal,
      transaction: (work) =>
        lease.patiently(() =>
          given.ctx.transaction(async (tx) => {
            await lease.confirm(tx.db)
            return work(tx)
          }),
        ),
      log: {
        line: (line, stream = 'stdout') => log.write(step.position, stream, line),
        note: (sentence) => log.write(step.position, 'note', sentence),
        hide: (secret) => log.hide(secret),
      },
      output: ((name: string) => outputOf(steps, name, handler)) as never,
    }
  }
}

function outputOf(steps: readonly OperationStepsRow[], name: string, handler: AnyOperationHandler): unknown {
  const step = steps.find((candidate) => candidate.name === name)
  if (step?.state !== 'succeeded') throw new Error(`The step “${name}” has not succeeded`)
  return handler.operation.steps.find((declared) => declared.name === name)?.output?.parse(step.output)
}

/** Runs `work` under one signal that ends at the deadline or with any of `signals`; what it then throws is that reason. */
async function within<T>(
  deadlineMs: number,
  signals: readonly AbortSignal[],
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const deadline = new AbortController()
  const timer = setTimeout(() => deadline.abort(new DeadlinePassed(deadlineMs)), deadlineMs)
  const signal = AbortSignal.any([deadline.signal, ...signals])
  try {
    signal.throwIfAborted()
    const result = await work(signal)
    return result
  } catch (error) {
    throw signal.aborted ? signal.reason : error
  } finally {
    clearTimeout(timer)
  }
}

import type { OperationStepsRow } from '../db/tables.js'
import { CancelRequested, LeaseLost, NothingToDo, RunnerStopping } from './stop-reasons.js'

/**
 * The order of things, and nothing else: run what is not done yet; stopped before the commit point, undo in reverse what
 * was begun; after it only go on. What a step does, and how it is written down, is the caller's.
 */
export interface Pipeline {
  steps: readonly OperationStepsRow[]
  commits(step: OperationStepsRow): boolean
  /** True: an earlier run had already decided to undo. */
  isEnding: boolean
  run(step: OperationStepsRow, committed: boolean): Promise<void>
  undo(step: OperationStepsRow): Promise<void>
  /** Writes the decision down, before the first undo. */
  decide(error: unknown, step: OperationStepsRow): Promise<void>
  /** Throws when the run must stop between steps. */
  checkpoint(committed: boolean): void
}

export type PipelineEnd = 'succeeded' | 'stopped'

/** @throws LeaseLost or RunnerStopping: leave everything as it is, somebody else goes on */
export async function runPipeline(pipeline: Pipeline): Promise<PipelineEnd> {
  const { steps } = pipeline
  let committed = steps.some((step) => pipeline.commits(step) && step.state === 'succeeded')
  if (pipeline.isEnding) return undoAll(pipeline, committed)

  for (const step of steps.filter((candidate) => candidate.state !== 'succeeded')) {
    try {
      pipeline.checkpoint(committed)
      await pipeline.run(step, committed)
      committed ||= pipeline.commits(step)
    } catch (error) {
      if (mustLeave(error)) throw error
      await pipeline.decide(error, step)
      return undoAll(pipeline, committed)
    }
  }
  return 'succeeded'
}

async function undoAll(pipeline: Pipeline, committed: boolean): Promise<PipelineEnd> {
  if (committed) return 'stopped'
  for (const step of pipeline.steps.toReversed()) if (wasBegun(step)) await pipeline.undo(step)
  return 'stopped'
}

/** A step that was never started has nothing to undo; one that failed half-way has. */
const wasBegun = (step: OperationStepsRow): boolean => ['running', 'succeeded', 'failed'].includes(step.state)

const mustLeave = (error: unknown): boolean => error instanceof LeaseLost || error instanceof RunnerStopping

export const isCancel = (error: unknown): boolean => error instanceof CancelRequested || error instanceof NothingToDo

import { explain } from '../ssh/explain.js'
import { CancelRequested, DeadlinePassed, NothingToDo } from './stop-reasons.js'

/** What a person reads when an operation ends: what happened, and what to do now. */
export function sentenceOf(error: unknown): { message: string; hint: string | null } {
  if (error instanceof CancelRequested) return { message: 'It was cancelled', hint: null }
  if (error instanceof NothingToDo) return { message: error.message, hint: null }
  if (error instanceof DeadlinePassed)
    return {
      message: `The step was stopped: it was ${error.message}`,
      hint: 'Look at its last lines: it may have been waiting for something. Then try again.',
    }
  return explain(error)
}

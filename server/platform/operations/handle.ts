import type { z } from 'zod'
import type { TeamCtx, TeamTx } from '../access/ctx.js'
import type { Secret } from '../secret.js'
import type { Services } from '../services.js'
import type { OperationDeclaration, OutputOf, StepName } from './declare.js'

/** What a step is given. `context` is what the handler loaded at the start of this run: never carry anything in it from step to step. */
export interface StepRun<D extends OperationDeclaration, Context> {
  readonly operationId: string
  readonly input: z.output<D['input']>
  readonly context: Context
  readonly ctx: TeamCtx
  readonly services: Services
  /** The lease's growing number, for acts that must not be repeated or reordered by a worker that was asleep. */
  readonly fence: number
  /** Ends on cancel, at the step's deadline, and when the lease is lost. */
  readonly signal: AbortSignal
  readonly log: StepLog
  /** One transaction of the team's, refused with `LeaseLost` when another worker has taken over. */
  transaction<T>(work: (tx: TeamTx) => Promise<T>): Promise<T>
  /** What an earlier step recorded. Throws when that step has not succeeded. */
  output<Name extends StepName<D>>(name: Name): OutputOf<D, Name>
}

export interface StepLog {
  /** A line that a command printed. */
  readonly line: (line: string, stream?: 'stdout' | 'stderr') => void
  /** A sentence of our own. */
  readonly note: (sentence: string) => void
  /** From now on this text is shown as dots. */
  readonly hide: (secret: Secret) => void
}

export interface StepHandler<D extends OperationDeclaration, Context, Output> {
  readonly deadlineMs: number
  /** Must be safe to run twice: a crash may fall between doing and recording. */
  run(step: StepRun<D, Context>): Promise<Output>
  /** Must tolerate that there is nothing to undo: it also covers a step that failed half-way. */
  undo?(step: StepRun<D, Context>): Promise<void>
}

export interface OperationHandler<D extends OperationDeclaration = OperationDeclaration, Context = unknown> {
  readonly operation: D
  /** Reads the rows anew; called at the start of every run, also of a resumed one. Throw a `UserError` when they are gone. */
  load(ctx: TeamCtx, input: z.output<D['input']>, run: { operationId: string; fence: number }): Promise<Context>
  readonly steps: { readonly [Name in StepName<D>]: StepHandler<D, Context, OutputOf<D, Name>> }
  /** In the transaction that ends the operation: what else changes with it. */
  ended?(tx: TeamTx, input: z.output<D['input']>, outcome: Outcome, operationId: string): Promise<void>
}

export type Outcome = { status: 'succeeded' } | { status: 'failed' | 'cancelled'; message: string; hint: string | null }

/** Handlers of different kinds stand in one list; each is called only with its own declaration's types. */
export type AnyOperationHandler = OperationHandler<OperationDeclaration, never>

export const handleOperation = <D extends OperationDeclaration, Context>(
  handler: OperationHandler<D, Context>,
): AnyOperationHandler =>
  // Safe: the runner looks a handler up by its declaration's kind and parses the input with that declaration's schema.
  handler as unknown as AnyOperationHandler

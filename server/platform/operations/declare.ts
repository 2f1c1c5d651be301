import { z } from 'zod'

/**
 * Long work that survives. A feature declares a kind of operation: its steps, in the words that people read. The handler
 * in `jobs/` says how each is done, and the runner does them, whatever is killed in between.
 */
export interface StepDeclaration {
  readonly name: string
  /** What the step records for those after it; it is all that passes between steps. */
  readonly output?: z.ZodType
  /** From the end of this step on there is only forward. */
  readonly commits?: boolean
}

export interface OperationDeclaration<
  Steps extends readonly StepDeclaration[] = readonly StepDeclaration[],
  Input extends z.ZodType = z.ZodType,
> {
  readonly kind: string
  readonly input: Input
  readonly steps: Steps
}

/** The input is ids and words of closed lists; whatever a person typed stays in its own row. */
export const declareOperation = <
  const Steps extends readonly StepDeclaration[],
  Shape extends Record<string, z.ZodUUID | z.ZodEnum>,
>(options: {
  kind: string
  input: Shape
  steps: Steps
}): OperationDeclaration<Steps, z.ZodObject<Shape>> => ({ ...options, input: z.strictObject(options.input) })

export type StepName<D extends OperationDeclaration> = D['steps'][number]['name']

export type OutputOf<D extends OperationDeclaration, Name extends StepName<D>> =
  Extract<D['steps'][number], { name: Name }> extends { output: infer Schema extends z.ZodType }
    ? z.output<Schema>
    : unknown

export type OperationStatus = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled'

export const isEnded = (status: OperationStatus): boolean => status !== 'queued' && status !== 'running'

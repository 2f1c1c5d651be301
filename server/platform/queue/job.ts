import { z } from 'zod'

/**
 * Jobs are declared once, beside the feature that asks for them; their handlers live in `jobs/`. A payload is ids and
 * nothing else: whoever could write into the queue could name a row, never a command or a secret.
 */
export type Payload = z.ZodObject<Record<string, z.ZodUUID>>

/** Each has workers of its own: neither long work nor what waits for others, such as name servers and CAs, can hold up the short. */
export const lanes = ['operations', 'short', 'slow'] as const
export type Lane = (typeof lanes)[number]

export interface JobDeclaration<P extends Payload = Payload> {
  readonly name: string
  readonly payload: P
  readonly lane: Lane
  /** Tries in all; with exponential backoff from one second. */
  readonly attempts: number
  readonly timeoutMs: number
}

export function declareJob<Shape extends Record<string, z.ZodUUID>>(
  options: Omit<JobDeclaration, 'payload'> & { payload: Shape },
): JobDeclaration<z.ZodObject<Shape>> {
  return { ...options, payload: z.strictObject(options.payload) }
}

/** Finished jobs are not kept: the rows and the event log tell what happened. */
export const keep = { removeOnComplete: true, removeOnFail: { age: 24 * 3600, count: 1000 } }

import type { z } from 'zod'
import type { Services } from '../services.js'
import type { JobDeclaration } from './job.js'

const againAfterMs = 1000

type NoIds = z.ZodObject<Record<never, never>>

/**
 * Rings for a job that does all that waits, at the pace of `pace`. However many ring, it is one job. A lost ring is nothing
 * lost: the job's own round finds the rows, and nobody waits for the queue.
 */
export const makeBell = (
  { queue, log }: Pick<Services, 'queue' | 'log'>,
  job: JobDeclaration<NoIds>,
): ((isMore?: boolean) => void) =>
  pace(
    () =>
      void queue
        .enqueue(job, {}, { key: 'waiting' })
        .catch((error) => log.warn({ err: error, job: job.name }, 'could not ring')),
  )

/**
 * Rings at once, and once more a second later: for what came meanwhile, and for what came when the job had just looked for
 * the last time. While more is known to come (`isMore`) it waits for the last of it, or for that second, so that a flood is
 * answered before it is worked on.
 */
export function pace(ring: () => void): (isMore?: boolean) => void {
  let again: NodeJS.Timeout | undefined
  let isOwed = false
  return (isMore = false) => {
    if (isMore && !again) isOwed = true
    else if (!isMore && (isOwed || !again)) {
      isOwed = false
      ring()
    }
    again ??= setTimeout(() => {
      again = undefined
      isOwed = false
      ring()
    }, againAfterMs).unref()
  }
}

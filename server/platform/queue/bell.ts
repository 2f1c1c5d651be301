import type { z } from 'zod'
import type { Services } from '../services.js'
import type { JobDeclaration } from './job.js'

const againAfterMs = 1000

type NoIds = z.ZodObject<Record<never, never>>

/**
 * Rings for a job that does all that waits: at once, and once more a second later. However many ring, it is one job, so
 * that a flood is answered before it is worked on; the second ring is for what came meanwhile, and for what came when that
 * job had just looked for the last time. A lost ring is nothing lost: the job's own round finds the rows, and nobody waits
 * for the queue.
 */
export function makeBell({ queue, log }: Pick<Services, 'queue' | 'log'>, job: JobDeclaration<NoIds>): () => void {
  let again: NodeJS.Timeout | undefined
  const ring = () =>
    void queue
      .enqueue(job, {}, { key: 'waiting' })
      .catch((error) => log.warn({ err: error, job: job.name }, 'could not ring'))
  return () => {
    if (again) return
    ring()
    again = setTimeout(() => {
      again = undefined
      ring()
    }, againAfterMs).unref()
  }
}

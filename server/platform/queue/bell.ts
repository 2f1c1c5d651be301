import type { z } from 'zod'
import type { Services } from '../services.js'
import type { JobDeclaration } from './job.js'

/** Of a flood the last one is waited for; to one push it is nothing. */
const soonMs = 20
const againAfterMs = 1000

type NoIds = z.ZodObject<Record<never, never>>

/**
 * Rings for a job that does all that waits, at the pace of `pace`. However many ring, it is one job. A lost ring is nothing
 * lost: the job's own round finds the rows, and nobody waits for the queue.
 */
export const makeBell = (
  { queue, log }: Pick<Services, 'queue' | 'log'>,
  job: JobDeclaration<NoIds>,
  isBusy?: () => boolean,
): (() => void) =>
  pace(
    () =>
      void queue
        .enqueue(job, {}, { key: 'waiting' })
        .catch((error) => log.warn({ err: error, job: job.name }, 'could not ring')),
    isBusy,
  )

/**
 * Rings soon, once whoever makes the work is not busy with more of it, so that a flood is answered before it is worked on;
 * and a second after the first: for what came meanwhile, and for what came when the job had just looked for the last time.
 */
export function pace(ring: () => void, isBusy: () => boolean = () => false): () => void {
  let isSoon = false
  let isAgain = false
  const later = (work: () => void, ms: number) => void setTimeout(work, ms).unref()

  function ringUnlessBusy(): void {
    isSoon = isBusy()
    if (isSoon) later(ringUnlessBusy, soonMs)
    else ring()
  }
  function ringOnceMore(): void {
    isAgain = false
    ring()
  }
  return () => {
    if (!isSoon) later(ringUnlessBusy, soonMs)
    if (!isAgain) later(ringOnceMore, againAfterMs)
    isSoon = true
    isAgain = true
  }
}

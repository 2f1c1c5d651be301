import type { z } from 'zod'
import type { Services } from '../services.js'
import type { JobDeclaration } from './job.js'

/** Of a flood the last one is waited for; to one push it is nothing. */
const soonMs = 20
const againAfterMs = 1000

/** With a queue that comes back empty the job's own round is lost too, until a worker begins it anew within a minute. */
const mostTries = 90

type NoIds = z.ZodObject<Record<never, never>>

/**
 * Rings for a job that does all that waits, at the pace of `pace`. However many ring, it is one job. Nobody waits for the
 * queue: while it is away, it is rung for again every second. A lost ring is nothing lost: the job's own round finds the rows.
 */
export function makeBell(
  { queue, log }: Pick<Services, 'queue' | 'log'>,
  job: JobDeclaration<NoIds>,
  isBusy?: () => boolean,
): () => void {
  let tries = 0
  let retry: NodeJS.Timeout | undefined

  async function ring(): Promise<void> {
    try {
      await queue.enqueue(job, {}, { key: 'waiting' })
      tries = 0
    } catch (error) {
      log.warn({ err: error, job: job.name }, 'could not ring')
      if (retry || ++tries > mostTries) return
      retry = setTimeout(() => {
        retry = undefined
        bell()
      }, againAfterMs).unref()
    }
  }
  const bell = pace(() => void ring(), isBusy)
  return bell
}

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

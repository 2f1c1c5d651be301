import type { z } from 'zod'
import type { Queues } from './backend.js'
import { type JobDeclaration, keep } from './job.js'

/** A job that comes round by itself. It is told nothing: what is due stands in the rows. */
export interface Recurring {
  readonly job: JobDeclaration<z.ZodObject<Record<never, never>>>
  readonly everyMs: number
}

/**
 * Makes the queues ring for exactly these jobs. Call it again from time to time: a flushed Redis has forgotten them.
 * What is there already keeps its turn, so many workers may call it.
 */
export async function schedule(queues: Queues, wanted: readonly Recurring[]): Promise<void> {
  for (const [lane, queue] of Object.entries(queues)) {
    const known = await queue.getJobSchedulers(0, -1)
    const ofLane = wanted.filter(({ job }) => job.lane === lane)

    for (const { job, everyMs } of ofLane) {
      if (known.some(({ key, every }) => key === job.name && Number(every) === everyMs)) continue
      const opts = { ...keep, attempts: job.attempts }
      await queue.upsertJobScheduler(job.name, { every: everyMs }, { name: job.name, data: {}, opts })
    }
    for (const { key } of known) {
      if (!ofLane.some(({ job }) => job.name === key)) await queue.removeJobScheduler(key)
    }
  }
}

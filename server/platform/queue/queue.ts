import type { z } from 'zod'
import type { Queues } from './backend.js'
import { type JobDeclaration, keep, lanes, type Payload } from './job.js'
import { type Recurring, schedule } from './schedule.js'

/** The doorbell. What is to be done stands in PostgreSQL, so everything in here may be lost at any time. */
export interface Queue {
  /**
   * @param key two enqueued jobs with one key are one job, while the first waits or runs
   * @throws ZodError when the payload is more than the declared ids
   */
  enqueue<P extends Payload>(job: JobDeclaration<P>, payload: z.input<P>, options?: { key?: string }): Promise<void>
  /** Rings for these jobs, and for no others, again and again. */
  schedule(wanted: readonly Recurring[]): Promise<void>
  /** Throws when the queue cannot be reached. */
  ping(): Promise<void>
  close(): Promise<void>
}

export function createQueue(queues: Queues): Queue {
  return {
    async enqueue(job, payload, { key } = {}) {
      const data = job.payload.parse(payload)
      await queues[job.lane].add(job.name, data, {
        ...keep,
        attempts: job.attempts,
        backoff: { type: 'exponential', delay: 1000 },
        // BullMQ refuses ids with a colon and ids that are all digits.
        // One that failed and were kept would keep the next one with its key away.
        ...(key ? { jobId: `${job.name}-${key}`, removeOnFail: true } : {}),
      })
    },
    schedule: (wanted) => schedule(queues, wanted),
    ping: async () => void (await queues.short.getJobCounts('waiting')),
    close: async () => {
      await Promise.all(lanes.map((lane) => queues[lane].close()))
    },
  }
}

import type { Job, Worker } from 'bullmq'
import type { z } from 'zod'
import type { Services } from '../services.js'
import type { BullClasses } from './backend.js'
import { type JobDeclaration, lanes, type Payload } from './job.js'

export interface JobRun {
  services: Services
  /** Ends at the job's deadline, and when the process is asked to stop. */
  signal: AbortSignal
}

export interface JobHandler {
  readonly job: JobDeclaration
  run(payload: unknown, run: JobRun): Promise<void>
}

/** The payload is parsed again here: jobs outlive releases, and the queue is not trusted. */
export const handleJob = <P extends Payload>(
  job: JobDeclaration<P>,
  run: (payload: z.output<P>, run: JobRun) => Promise<void>,
): JobHandler => ({ job, run: (payload, context) => run(job.payload.parse(payload), context) })

/** So many jobs of a lane run at once in one worker. */
export const concurrency = { operations: 30, short: 10, slow: 10 } as const

export interface Workers {
  /** Takes nothing new, gives what runs 20 s, then aborts it. */
  stop(): Promise<void>
}

const graceMs = 20_000

export function startWorkers(services: Services, bull: BullClasses, handlers: readonly JobHandler[]): Workers {
  const byName = new Map(handlers.map((handler) => [handler.job.name, handler]))
  const stopping = new AbortController()

  const workers = lanes.map((lane) => {
    const worker = bull.makeWorker(lane, (job: Job) => runJob(job, byName, services, stopping.signal), {
      concurrency: concurrency[lane],
    })
    worker.on('error', (error) => services.log.warn({ err: error, lane }, 'queue connection'))
    worker.on('failed', (job, error) =>
      services.log.error({ err: error, job: job?.name, attempt: job?.attemptsMade }, 'job failed'),
    )
    worker.run().catch((error) => services.log.error({ err: error, lane }, 'worker ended'))
    return worker
  })
  return { stop: () => stopAll(workers, stopping) }
}

async function runJob(
  job: Job,
  handlers: ReadonlyMap<string, JobHandler>,
  services: Services,
  stopping: AbortSignal,
): Promise<void> {
  const handler = handlers.get(job.name)
  if (!handler) throw new Error(`Nobody handles jobs named ${JSON.stringify(job.name)}`)
  const signal = AbortSignal.any([stopping, AbortSignal.timeout(handler.job.timeoutMs)])
  await handler.run(job.data, { services, signal })
}

async function stopAll(workers: readonly Worker[], stopping: AbortController): Promise<void> {
  const abort = setTimeout(() => stopping.abort(new Error('The worker is stopping')), graceMs)
  await Promise.all(workers.map((worker) => worker.close()))
  clearTimeout(abort)
}

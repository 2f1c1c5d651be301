import { follow } from '../server/platform/events/follow.js'
import { newId } from '../server/platform/ids.js'
import { beatsPerLease } from '../server/platform/operations/lease.js'
import { sweep } from '../server/platform/operations/sweep.js'
import type { BullClasses } from '../server/platform/queue/backend.js'
import { startWorkers } from '../server/platform/queue/worker.js'
import type { Services } from '../server/platform/services.js'
import { keepSayingAlive } from '../server/platform/workers/workers.js'
import { previewReader } from '../server/previews/previews.js'
import { statusReader } from '../server/statuses/statuses.js'
import type { DeployParts } from './deploys/context.js'
import { jobHandlers } from './handlers.js'
import { recurring } from './schedule.js'

export interface Work {
  /** Takes nothing new, lets what runs go on for 20 s, then gives it back. */
  stop(): Promise<void>
}

const scheduleEveryMs = 60_000

/** All that a worker does: the jobs of the queue, the sweep for what the queue has lost, and saying that it lives. */
export function startWork(services: Services, bull: BullClasses, parts: DeployParts): Work {
  const id = newId()
  const workers = startWorkers(services, bull, jobHandlers(id, parts))
  const sweepEveryMs = (services.config.leaseSeconds * 1000) / beatsPerLease
  const sayNoMore = keepSayingAlive(services, id)
  const stops = [
    repeat(services, 'sweep', sweepEveryMs, () => sweep(services)),
    repeat(services, 'schedule', scheduleEveryMs, () => services.queue.schedule(recurring)),
    follow(services, statusReader(services)),
    follow(services, previewReader(services)),
  ]

  return {
    stop: async () => {
      for (const stop of stops) await stop()
      await workers.stop()
      await sayNoMore()
    },
  }
}

/** Now and again and again, never twice at once. A failure is the next turn's to mend: the database may be away. */
function repeat(services: Services, name: string, everyMs: number, work: () => Promise<void>): () => Promise<void> {
  let running: Promise<void> | undefined
  const turn = () => {
    running ??= work()
      .catch((error) => services.log.warn({ err: error }, `${name} failed`))
      .finally(() => {
        running = undefined
      })
  }
  turn()
  const timer = setInterval(turn, everyMs)
  return async () => {
    clearInterval(timer)
    await running
  }
}

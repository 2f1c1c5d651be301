import { handleJob } from '../../server/platform/queue/worker.js'
import { judgeOverlooked } from '../../server/pushes/jobs.js'
import { judgeKept, listOverlooked } from '../../server/pushes/pushes.js'

/** The queue may lose a ring; the row is there. One that cannot be judged does not keep the others waiting. */
export const judgeOverlookedHandler = handleJob(judgeOverlooked, async (_payload, { services, signal }) => {
  for (const { id } of await listOverlooked(services)) {
    if (signal.aborted) return
    await judgeKept(services, id).catch((error) => services.log.error({ err: error, delivery: id }, 'could not judge'))
  }
})

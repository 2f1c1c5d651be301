import { handleJob } from '../../server/platform/queue/worker.js'
import { judgeDeliveries } from '../../server/pushes/jobs.js'
import { judgeWaiting, listWaiting } from '../../server/pushes/pushes.js'

const batch = 100

/** Until none is due. A connection whose deliveries cannot be judged keeps no other waiting; a later round tries again. */
export const judgeDeliveriesHandler = handleJob(judgeDeliveries, async (_payload, { services, signal }) => {
  for (;;) {
    const waiting = await listWaiting(services, batch)
    let looked = 0
    for (const connection of waiting) {
      if (signal.aborted) return
      looked += await judgeWaiting(services, connection).catch((error) => {
        services.log.error(
          { err: error, connection: connection.connection_id, app: connection.github_app_id },
          'could not judge deliveries',
        )
        return 0
      })
    }
    if (looked === 0) return
  }
})

import { handleJob } from '../../server/platform/queue/worker.js'
import { pruneDeliveries } from '../../server/pushes/jobs.js'
import { forgetOldDeliveries } from '../../server/pushes/pushes.js'

export const pruneDeliveriesHandler = handleJob(pruneDeliveries, (_payload, { services }) =>
  forgetOldDeliveries(services),
)

import { handleJob } from '../../server/platform/queue/worker.js'
import { judgeDelivery } from '../../server/pushes/jobs.js'
import { judgeKept } from '../../server/pushes/pushes.js'

export const judgeDeliveryHandler = handleJob(judgeDelivery, ({ deliveryId }, { services }) =>
  judgeKept(services, deliveryId),
)

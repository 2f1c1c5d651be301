import { sendForwards } from '../../server/forwards/forwards.js'
import { forwardEvents } from '../../server/forwards/jobs.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const forwardEventsHandler = handleJob(forwardEvents, (_payload, { services, signal }) =>
  sendForwards(services, signal),
)

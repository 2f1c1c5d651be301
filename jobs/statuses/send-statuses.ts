import { handleJob } from '../../server/platform/queue/worker.js'
import { sendStatuses } from '../../server/statuses/jobs.js'
import { sendDue } from '../../server/statuses/statuses.js'

export const sendStatusesHandler = handleJob(sendStatuses, (_payload, { services, signal }) =>
  sendDue(services, signal),
)

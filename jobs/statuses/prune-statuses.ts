import { handleJob } from '../../server/platform/queue/worker.js'
import { pruneStatuses } from '../../server/statuses/jobs.js'
import { forgetOldStatuses } from '../../server/statuses/statuses.js'

export const pruneStatusesHandler = handleJob(pruneStatuses, async (_payload, { services }) => {
  await forgetOldStatuses(services)
})

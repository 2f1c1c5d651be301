import { handleJob } from '../../server/platform/queue/worker.js'
import { askPullRequests } from '../../server/previews/jobs.js'
import { askDue } from '../../server/previews/previews.js'

export const askPullRequestsHandler = handleJob(askPullRequests, (_payload, { services, signal }) =>
  askDue(services, signal),
)

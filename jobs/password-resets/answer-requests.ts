import { answerResetRequests } from '../../server/password-resets/jobs.js'
import { answerRequests } from '../../server/password-resets/requests.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const answerResetRequestsHandler = handleJob(answerResetRequests, (_payload, { services, signal }) =>
  answerRequests(services, signal),
)

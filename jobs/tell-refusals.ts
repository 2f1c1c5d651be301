import { tellRefusals } from '../server/platform/events/jobs.js'
import { tellRepeatedRefusals } from '../server/platform/events/refusals.js'
import { handleJob } from '../server/platform/queue/worker.js'

export const tellRefusalsHandler = handleJob(tellRefusals, (_payload, { services, signal }) =>
  tellRepeatedRefusals(services, signal),
)

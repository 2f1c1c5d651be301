import { requestWaiting } from '../../server/domains/fronts.js'
import { requestServing } from '../../server/domains/jobs.js'
import { giveMissingNames } from '../../server/domains/sites-domains.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const requestServingHandler = handleJob(requestServing, async (_payload, { services }) => {
  await giveMissingNames(services)
  await requestWaiting(services)
})

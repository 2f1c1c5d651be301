import { bringCaSettings } from '../../server/domains/ca-settings.js'
import { requestWaiting } from '../../server/domains/fronts.js'
import { requestServing } from '../../server/domains/jobs.js'
import { giveMissingNames } from '../../server/domains/sites-domains.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const requestServingHandler = handleJob(requestServing, async (_payload, { services }) => {
  await giveMissingNames(services)
  // An operator's file that is not there is told of by the operations that need it.
  await bringCaSettings(services).catch((error) => services.log.warn({ err: error }, 'could not compare the CA'))
  await requestWaiting(services)
})

import { requestWaiting } from '../../server/domains/fronts.js'
import { requestServing } from '../../server/domains/jobs.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const requestServingHandler = handleJob(requestServing, (_payload, { services }) => requestWaiting(services))

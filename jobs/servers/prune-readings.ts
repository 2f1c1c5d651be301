import { handleJob } from '../../server/platform/queue/worker.js'
import { pruneReadings } from '../../server/servers/jobs.js'
import { forgetOldReadings } from '../../server/servers/observations.js'

export const pruneReadingsHandler = handleJob(pruneReadings, (_payload, { services }) => forgetOldReadings(services))

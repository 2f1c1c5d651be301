import { handleJob } from '../../server/platform/queue/worker.js'
import { forgetOldReadings } from '../../server/servers/health.js'
import { pruneReadings } from '../../server/servers/jobs.js'

export const pruneReadingsHandler = handleJob(pruneReadings, (_payload, { services }) => forgetOldReadings(services))

import { anchorEvents } from '../../server/audit/audit.js'
import { anchorLog } from '../../server/audit/jobs.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const anchorLogHandler = handleJob(anchorLog, (_payload, { services }) => anchorEvents(services))

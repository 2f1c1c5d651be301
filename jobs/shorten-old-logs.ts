import { shortenOldLogs } from '../server/platform/operations/jobs.js'
import * as logs from '../server/platform/operations/old-logs.js'
import { handleJob } from '../server/platform/queue/worker.js'

export const shortenOldLogsHandler = handleJob(shortenOldLogs, (_payload, { services, signal }) =>
  logs.shortenOldLogs(services, signal),
)

import { keepEventMonths } from '../../server/audit/audit.js'
import { keepMonths } from '../../server/audit/jobs.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const keepMonthsHandler = handleJob(keepMonths, (_payload, { services }) => keepEventMonths(services))

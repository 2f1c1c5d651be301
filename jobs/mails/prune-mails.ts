import { pruneMails } from '../../server/platform/mail/jobs.js'
import { forgetOldMails } from '../../server/platform/mail/outbox.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const pruneMailsHandler = handleJob(pruneMails, (_payload, { services }) => forgetOldMails(services))

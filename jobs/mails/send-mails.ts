import { sendMails } from '../../server/platform/mail/jobs.js'
import { sendDue } from '../../server/platform/mail/outbox.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const sendMailsHandler = handleJob(sendMails, (_payload, { services, signal }) => sendDue(services, signal))

import { handleJob } from '../../server/platform/queue/worker.js'
import { pruneSessions } from '../../server/sessions/jobs.js'
import { forgetOldSessions } from '../../server/sessions/sessions.js'

export const pruneSessionsHandler = handleJob(pruneSessions, (_payload, { services }) => forgetOldSessions(services))

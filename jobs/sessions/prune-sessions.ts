import { handleJob } from '../../server/platform/queue/worker.js'
import { forgetOldSessions } from '../../server/sessions/ending.js'
import { pruneSessions } from '../../server/sessions/jobs.js'
import { forgetOldSignUps } from '../../server/sign-ups/sign-ups.js'

export const pruneSessionsHandler = handleJob(pruneSessions, async (_payload, { services }) => {
  await forgetOldSessions(services)
  await forgetOldSignUps(services)
})

import { forgetOldUndos } from '../../server/email-addresses/changing.js'
import { pruneEmailUndos } from '../../server/email-addresses/jobs.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const pruneEmailUndosHandler = handleJob(pruneEmailUndos, async (_payload, { services }) => {
  await forgetOldUndos(services)
})

import { handleJob } from '../../server/platform/queue/worker.js'
import { tellPreviews } from '../../server/previews/jobs.js'
import { tellDue } from '../../server/previews/previews.js'

export const tellPreviewsHandler = handleJob(tellPreviews, (_payload, { services, signal }) =>
  tellDue(services, signal),
)

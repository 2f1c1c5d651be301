import { handleJob } from '../../server/platform/queue/worker.js'
import { bringPreviews } from '../../server/previews/jobs.js'
import { bringDue, noticeTime } from '../../server/previews/previews.js'

export const bringPreviewsHandler = handleJob(bringPreviews, async (_payload, { services, signal }) => {
  await noticeTime(services)
  await bringDue(services, signal)
})

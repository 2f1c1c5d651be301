import { handleJob } from '../../server/platform/queue/worker.js'
import { tellOfBrowsers } from '../../server/sessions/browsers.js'
import { tellOfNewBrowsers } from '../../server/sessions/jobs.js'

export const tellOfNewBrowsersHandler = handleJob(tellOfNewBrowsers, (_payload, { services, signal }) =>
  tellOfBrowsers(services, signal),
)

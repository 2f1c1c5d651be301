import { refreshDue } from '../../server/connections/connections.js'
import { refreshInstallations } from '../../server/connections/github-app/jobs.js'
import { handleJob } from '../../server/platform/queue/worker.js'

export const refreshInstallationsHandler = handleJob(refreshInstallations, (_payload, { services, signal }) =>
  refreshDue(services, signal),
)

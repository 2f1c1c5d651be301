import { handleJob } from '../../server/platform/queue/worker.js'
import { removeTeams } from '../../server/team-deletions/jobs.js'
import { removeDueTeams } from '../../server/team-deletions/team-deletions.js'

export const removeTeamsHandler = handleJob(removeTeams, (_payload, { services, signal }) =>
  removeDueTeams(services, signal),
)

import { declareJob } from '../platform/queue/job.js'

/** Goes on removing the teams whose seven days are over. */
export const removeTeams = declareJob({
  name: 'remove-teams',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 10 * 60_000,
})

import { declareJob } from '../../platform/queue/job.js'

/** Asks GitHub what is in installations: rung for when it told of a change, and now and then by itself. */
export const refreshInstallations = declareJob({
  name: 'refresh-installations',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 10 * 60_000,
})

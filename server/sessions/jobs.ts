import { declareJob } from '../platform/queue/job.js'

/** Removes sessions and counted sign-in failures that can no longer matter. */
export const pruneSessions = declareJob({
  name: 'prune-sessions',
  payload: {},
  lane: 'short',
  attempts: 3,
  timeoutMs: 60_000,
})

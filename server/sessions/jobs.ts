import { declareJob } from '../platform/queue/job.js'

/** Tells people of browsers that they have not signed in with before. */
export const tellOfNewBrowsers = declareJob({
  name: 'tell-of-new-browsers',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 5 * 60_000,
})

/** Removes sessions and counted sign-in failures that can no longer matter. */
export const pruneSessions = declareJob({
  name: 'prune-sessions',
  payload: {},
  lane: 'short',
  attempts: 3,
  timeoutMs: 60_000,
})

import { declareJob } from '../platform/queue/job.js'

/** Makes, deploys and removes previews that are due, and forgets what nobody pushes to any more. */
export const bringPreviews = declareJob({
  name: 'bring-previews',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 10 * 60_000,
})

/** Asks how pull requests stand that nobody told of for a while. */
export const askPullRequests = declareJob({
  name: 'ask-pull-requests',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 10 * 60_000,
})

/** Says on pull requests how their previews stand. */
export const tellPreviews = declareJob({
  name: 'tell-previews',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 10 * 60_000,
})

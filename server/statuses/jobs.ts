import { declareJob } from '../platform/queue/job.js'

/** Tells hosts what they have not been told yet. */
export const sendStatuses = declareJob({
  name: 'send-statuses',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 10 * 60_000,
})

export const pruneStatuses = declareJob({
  name: 'prune-statuses',
  payload: {},
  lane: 'short',
  attempts: 3,
  timeoutMs: 5 * 60_000,
})

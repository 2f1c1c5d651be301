import { declareJob } from '../platform/queue/job.js'

/** Sends events on to where teams and the operator want them. */
export const forwardEvents = declareJob({
  name: 'forward-events',
  payload: {},
  lane: 'slow',
  attempts: 1,
  timeoutMs: 5 * 60_000,
})

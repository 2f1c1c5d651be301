import { declareJob } from '../queue/job.js'

/** Tells how often something was refused in the hour before. */
export const tellRefusals = declareJob({
  name: 'tell-refusals',
  payload: {},
  lane: 'short',
  attempts: 3,
  timeoutMs: 60_000,
})

import { declareJob } from '../platform/queue/job.js'

/** Looks who asked for a link, and sends one to those who sign in here. */
export const answerResetRequests = declareJob({
  name: 'answer-reset-requests',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 5 * 60_000,
})

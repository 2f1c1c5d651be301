import { declareJob } from '../platform/queue/job.js'

/** Forgets addresses that people had before, once they can no longer be brought back. */
export const pruneEmailUndos = declareJob({
  name: 'prune-email-undos',
  payload: {},
  lane: 'short',
  attempts: 3,
  timeoutMs: 60_000,
})

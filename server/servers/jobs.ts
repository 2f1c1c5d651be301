import { declareJob } from '../platform/queue/job.js'

/** Asks every server how it is. What it does not get done in time is the next turn's. */
export const pollServers = declareJob({
  name: 'poll-servers',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 55_000,
})

export const pruneReadings = declareJob({
  name: 'prune-server-readings',
  payload: {},
  lane: 'short',
  attempts: 3,
  timeoutMs: 60_000,
})

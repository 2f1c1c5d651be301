import { declareJob } from '../platform/queue/job.js'

/** Makes the months of the event log that will soon be needed, and drops those that are older than seven years. */
export const keepMonths = declareJob({
  name: 'keep-event-months',
  payload: {},
  lane: 'short',
  attempts: 3,
  timeoutMs: 60_000,
})

/** Signs once a day where each chain has come to, and lets it leave the machine. */
export const anchorLog = declareJob({
  name: 'anchor-events',
  payload: {},
  lane: 'short',
  attempts: 3,
  timeoutMs: 60_000,
})

import { declareJob } from '../platform/queue/job.js'

/** Decides on the deliveries that wait: rung for when some came, and now and then in case a ring was lost. */
export const judgeDeliveries = declareJob({
  name: 'judge-deliveries',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 5 * 60_000,
})

/** Asks repositories for what no webhook told of. */
export const reconcileBranches = declareJob({
  name: 'reconcile-branches',
  payload: {},
  lane: 'short',
  attempts: 1,
  timeoutMs: 10 * 60_000,
})

export const pruneDeliveries = declareJob({
  name: 'prune-deliveries',
  payload: {},
  lane: 'short',
  attempts: 3,
  timeoutMs: 10 * 60_000,
})

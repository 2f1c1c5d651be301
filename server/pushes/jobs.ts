import { z } from 'zod'
import { declareJob } from '../platform/queue/job.js'

/** One delivery: which sites it deploys, and why not the others. */
export const judgeDelivery = declareJob({
  name: 'judge-delivery',
  payload: { deliveryId: z.uuid() },
  lane: 'short',
  attempts: 3,
  timeoutMs: 60_000,
})

/** Those whose ring was lost. */
export const judgeOverlooked = declareJob({
  name: 'judge-overlooked',
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

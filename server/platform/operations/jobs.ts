import { z } from 'zod'
import { declareJob } from '../queue/job.js'

/** Says that it may be time to run this operation; the row says whether it is. */
export const runOperation = declareJob({
  name: 'run-operation',
  payload: { operationId: z.uuid() },
  lane: 'operations',
  attempts: 1,
  timeoutMs: 24 * 3600_000,
})

export const shortenOldLogs = declareJob({
  name: 'shorten-old-logs',
  payload: {},
  lane: 'short',
  attempts: 3,
  timeoutMs: 10 * 60_000,
})

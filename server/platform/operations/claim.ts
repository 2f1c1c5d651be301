import type { OperationsRow } from '../db/tables.js'
import { concurrency } from '../queue/worker.js'
import type { Services } from '../services.js'
import { countWorkers } from '../workers/workers.js'
import { mayBegin } from './fair.js'
import * as queries from './lease-queries.js'

/**
 * Takes an operation for this runner, if it may run now: it is queued or its runner is lost, its subject is free, nobody
 * older waits for the subject, and its pool and its team have a place. Null otherwise; the sweep or the next end rings again.
 */
export const claim = ({ config, db }: Services, operationId: string, runner: string): Promise<OperationsRow | null> =>
  db.asSystem(async (tx) => {
    const operation = await queries.lockClaimable(tx, operationId, config.leaseSeconds)
    if (!operation) return null
    if (await queries.isSubjectTaken(tx, operation)) return null
    if (await queries.isPoolFull(tx, operation)) return null
    const places = concurrency.operations * Math.max(1, await countWorkers(tx))
    const running = await queries.countRunning(tx, operation, config.leaseSeconds)
    if (!mayBegin({ ...running, places }, config.teamOperations)) return null

    const fence = await queries.nextFence(tx, operation.subject)
    return queries.take(tx, operationId, runner, fence)
  })

import type { OperationsRow } from '../db/tables.js'
import type { Services } from '../services.js'
import { teamLimit } from './fair.js'
import * as queries from './lease-queries.js'

/**
 * Takes an operation for this runner, if it may run now: it is queued or its runner is lost, its subject is free, nobody
 * older waits for the subject, and its pool and its team have a place. Null otherwise; the sweep or the next end rings again.
 */
export const claim = (services: Services, operationId: string, runner: string): Promise<OperationsRow | null> =>
  services.db.asSystem(async (db) => {
    const operation = await queries.lockClaimable(db, operationId, services.config.leaseSeconds)
    if (!operation) return null
    if (await queries.isSubjectTaken(db, operation)) return null
    if (await queries.isPoolFull(db, operation)) return null
    if (await queries.isTeamFull(db, operation, teamLimit(services))) return null

    const fence = await queries.nextFence(db, operation.subject)
    return queries.take(db, operationId, runner, fence)
  })

import type { OperationsRow } from '../db/tables.js'
import type { Services } from '../services.js'
import { teamLimit } from './fair.js'
import { runOperation } from './jobs.js'
import { dueOperations, runningOf } from './lease-queries.js'
import { waitingFor } from './runner-queries.js'

const sweepLimit = 200

/** Rings for everything that could be run now: what a lost queue forgot, and what a lost worker left. */
export async function sweep(services: Services): Promise<void> {
  const due = await services.db.asSystem((db) => dueOperations(db, sweepLimit, services.config.leaseSeconds))
  await Promise.all(due.map((operation) => ring(services, operation)))
}

type Ended = Pick<OperationsRow, 'id' | 'team_id' | 'subject' | 'pool'>

/** An operation has ended: whoever waited for its subject or its place may be next. */
export async function ringNext(services: Services, ended: Ended): Promise<void> {
  const next = await services.db.asSystem(async (db) => {
    const wasFull = (await runningOf(db, ended.team_id, ended.id)) === teamLimit(services) - 1
    return waitingFor(db, { ...ended, team_id: wasFull ? ended.team_id : null })
  })
  await Promise.all(next.map((operation) => ring(services, operation)))
}

/** The number of claims is part of the key: the job of a lost worker, which the queue still thinks alive, is not in the way. */
const ring = (services: Services, { id, claims }: Pick<OperationsRow, 'id' | 'claims'>): Promise<void> =>
  services.queue.enqueue(runOperation, { operationId: id }, { key: `${id}-${claims}` })

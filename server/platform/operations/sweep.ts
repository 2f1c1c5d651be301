import type { Services } from '../services.js'
import { runOperation } from './jobs.js'
import { dueOperations } from './lease-queries.js'

/** Rings for everything that could be run now: what a lost queue forgot, and what a lost worker left. */
export const sweep = (services: Services): Promise<void> => ringDue(services, 200)

/** An operation has ended: whoever waited for its subject or its place may be next. Most that are rung for find none. */
export const ringNext = (services: Services): Promise<void> => ringDue(services, 20)

/** The number of claims is part of the key: the job of a lost worker, which the queue still thinks alive, is not in the way. */
async function ringDue({ config, db, queue }: Services, limit: number): Promise<void> {
  const due = await db.asSystem((tx) => dueOperations(tx, limit, config.leaseSeconds))
  const ring = ({ id, claims }: (typeof due)[number]) =>
    queue.enqueue(runOperation, { operationId: id }, { key: `${id}-${claims}` })
  await Promise.all(due.map(ring))
}

import { hostname } from 'node:os'
import type { TransactionOf } from '../db/doors.js'
import type { Services } from '../services.js'
import * as queries from './queries.js'

/** Which workers live: each says so in its row, and the web server can tell whether there is one. */
const sayEveryMs = 10_000
const seenWithinSeconds = 30

/**
 * Whoever starts takes away what others said on its machine: one that was killed would count for a while longer, and a
 * living one says so again.
 * @returns ends it, and takes the row away
 */
export function keepSayingAlive(services: Services, id: string): () => Promise<void> {
  const worker = { id, host: hostname() }
  const say = (isFirst: boolean) =>
    services.db
      .asSystem(async (db) => {
        if (isFirst) await queries.forgetHost(db, worker.host)
        await queries.sayAlive(db, worker)
        await queries.forgetLost(db)
      })
      .catch((error) => services.log.warn({ err: error }, 'could not say that the worker lives'))

  void say(true)
  const timer = setInterval(say, sayEveryMs, false)
  return async () => {
    clearInterval(timer)
    await services.db.asSystem((db) => queries.forget(db, id)).catch(() => undefined)
  }
}

/** Those that were seen of late. */
export const countWorkers = (db: TransactionOf<'identity'> | TransactionOf<'system'>): Promise<number> =>
  queries.countSeenWithin(db, seenWithinSeconds)

/** For `/readyz`. Throws when no worker has been seen of late. */
export async function assertWorkerSeen(services: Services): Promise<void> {
  const count = await services.db.asIdentity(countWorkers)
  if (count === 0) throw new Error(`No worker was seen within ${seenWithinSeconds} s`)
}

import type { Services } from '../services.js'
import { pruneLogs } from './old-logs-queries.js'

export const keepLogsDays = 90

/** Of what ended longer ago; what went wrong stands at the end. */
const keptLines = 200

/** At a time, so that no statement takes long. */
const batchSize = 200

/** Cuts the logs of work that ended long ago down to their last lines. The operations and their steps stay. */
export async function shortenOldLogs(services: Services, signal: AbortSignal): Promise<void> {
  const endedBefore = new Date(services.clock().getTime() - keepLogsDays * 24 * 3600_000)
  while (!signal.aborted) {
    const deleted = await services.db.asSystem((db) => pruneLogs(db, { endedBefore, keptLines, batchSize }))
    if (deleted === 0) return
  }
}

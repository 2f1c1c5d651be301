import { hostler } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { appendInTeam } from '../platform/events/append.js'
import type { Services } from '../platform/services.js'
import type { Health } from './facts.js'
import * as queries from './health-queries.js'
import { keepReadingsDays } from './rules.js'

/** What the poll sees of servers once a minute, written down. */

export const listPollable = (services: Services): Promise<(queries.Polled & { root: string })[]> =>
  services.db.asSystem(queries.pollable)

export interface Sighting {
  server: queries.Polled
  health: Health
}

/**
 * Many at once, in few statements; an event only for a server that was out of reach. Returns those where the machine or its relay
 * has started anew: what ran there may not have come back. They are returned again until `recordStart`, so that a worker which is
 * killed in between forgets none.
 */
export async function recordSightings(
  services: Services,
  sightings: readonly Sighting[],
): Promise<readonly queries.StartedAnew[]> {
  if (sightings.length === 0) return []
  const at = services.clock()
  return services.db.asSystem(async (db) => {
    // A server may have been removed since it was asked.
    const back = await queries.markSeen(
      db,
      sightings.map(({ server }) => server.id),
      at,
    )
    await queries.insertReadings(
      db,
      sightings.map((sighting) => rowOf(sighting, at)),
    )
    for (const server of back) await appendSeen(db, server, 'server.reachable', {}, at)
    return queries.startedAnew(db, startsOf(sightings))
  })
}

/** Once something is done about it. */
export const recordStart = (services: Services, server: queries.StartedAnew): Promise<void> =>
  services.db.asSystem(async (db) => {
    await queries.markStart(db, server)
    if (server.what === 'machine') await appendSeen(db, server, 'server.restarted', {}, services.clock())
  })

const startsOf = (sightings: readonly Sighting[]): ReadonlyMap<string, queries.Starts> =>
  new Map(sightings.map(({ server, health }) => [server.id, { boot_id: health.bootId, relay_id: health.relayId }]))

const rowOf = ({ server, health }: Sighting, at: Date) => ({
  server_id: server.id,
  team_id: server.team_id,
  at,
  cpu_percent: health.cpuPercent,
  memory_used_bytes: health.memoryUsedBytes,
  memory_total_bytes: health.memoryTotalBytes,
  disk_used_bytes: health.diskUsedBytes,
  disk_total_bytes: health.diskTotalBytes,
  load_1m: health.load,
})

export const recordMiss = (services: Services, server: queries.Polled, why: string): Promise<void> =>
  services.db.asSystem(async (db) => {
    if (!(await queries.markMissed(db, server.id, why))) return
    await appendSeen(db, server, 'server.unreachable', { why }, services.clock())
  })

const appendSeen = (
  db: TransactionOf<'system'>,
  server: queries.Polled,
  type: 'server.reachable' | 'server.unreachable' | 'server.restarted',
  data: Record<string, unknown>,
  at: Date,
): Promise<string> =>
  appendInTeam(
    db,
    server.team_id,
    hostler,
    { type, subject: { kind: 'server', id: server.id }, data: { name: server.name, ...data } },
    at,
  )

export async function forgetOldReadings(services: Services): Promise<void> {
  const before = new Date(services.clock().getTime() - keepReadingsDays * 24 * 3600_000)
  await services.db.asSystem((db) => queries.deleteReadingsBefore(db, before))
}

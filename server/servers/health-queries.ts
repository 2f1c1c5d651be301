import type { TransactionOf } from '../platform/db/doors.js'
import type { ServerReadingsRow } from '../platform/db/tables.js'

type System = TransactionOf<'system'>

export interface Polled {
  id: string
  team_id: string
  name: string
}

/** Those that were well last come first, so that what does not answer holds nobody up. */
export const pollable = (db: System): Promise<(Polled & { root: string })[]> =>
  db('servers')
    .select('id', 'team_id', 'name', 'root')
    .whereIn('status', ['ready', 'unreachable'])
    .whereNull('host_key_changed_to')
    .orderByRaw("status = 'unreachable', seen_at nulls first")

/** Of servers that are still there. */
export async function insertReadings(db: System, rows: readonly ServerReadingsRow[]): Promise<void> {
  const ids = rows.map((row) => row.server_id)
  const there = new Set(await db('servers').whereIn('id', ids).forShare().pluck('id'))
  const kept = rows.filter((row) => there.has(row.server_id))
  if (kept.length > 0) await db('server_readings').insert(kept).onConflict(['server_id', 'at']).ignore()
}

/** Those of them that were out of reach before. */
export async function markSeen(db: System, ids: readonly string[], at: Date): Promise<Polled[]> {
  const back = await db('servers')
    .whereIn('id', ids)
    .where({ status: 'unreachable' })
    .update({ status: 'ready' })
    .returning(['id', 'team_id', 'name'])
  await db('servers').whereIn('id', ids).update({ seen_at: at, status_message: null })
  return back
}

/** What runs on a server as long as nothing there starts anew. */
export interface Starts {
  /** Null where the machine does not say; then it stays what it was. */
  boot_id: string | null
  relay_id: string | null
}

/** With what runs there now. */
export type StartedAnew = Polled & Starts & { what: 'machine' | 'relay' }

/**
 * Those of them where the machine or its relay has started anew, or the relay has ended, since they were last seen. They stay so
 * until `markStart`; what else has changed is written down.
 */
export async function startedAnew(db: System, seen: ReadonlyMap<string, Starts>): Promise<StartedAnew[]> {
  const anew: StartedAnew[] = []
  const rows = await db('servers')
    .select('id', 'team_id', 'name', 'boot_id', 'relay_id')
    .whereIn('id', [...seen.keys()])
  for (const { boot_id, relay_id, ...server } of rows) {
    const now = seen.get(server.id)
    const boot = now?.boot_id ?? boot_id
    const relay = now?.relay_id ?? null
    if (boot === boot_id && relay === relay_id) continue
    const is = { ...server, boot_id: boot, relay_id: relay }
    if (boot_id !== null && boot !== boot_id) anew.push({ ...is, what: 'machine' })
    else if (relay_id !== null && relay !== relay_id) anew.push({ ...is, what: 'relay' })
    else await markStart(db, is)
  }
  return anew
}

export const markStart = (db: System, { id, boot_id, relay_id }: Starts & { id: string }): Promise<number> =>
  db('servers').where({ id }).update({ boot_id, relay_id })

/** The first missed poll only leaves its sentence; the second one finds it there and changes the state. True when it did. */
export async function markMissed(db: System, id: string, why: string): Promise<boolean> {
  const lost = await db('servers')
    .where({ id, status: 'ready' })
    .whereNotNull('status_message')
    .update({ status: 'unreachable', status_message: why })
  if (lost === 0)
    await db('servers').where({ id }).whereIn('status', ['ready', 'unreachable']).update({ status_message: why })
  return lost === 1
}

export const deleteReadingsBefore = (db: System, before: Date): Promise<number> =>
  db('server_readings').where('at', '<', before).delete()

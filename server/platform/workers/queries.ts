import type { TransactionOf } from '../db/doors.js'

/** Says that the worker lives. Times are the database's own, so that clocks of different machines do not matter. */
export const sayAlive = async (db: TransactionOf<'system'>, worker: { id: string; host: string }): Promise<void> =>
  void (await db.raw(
    `insert into workers (id, host, started_at, seen_at) values (?, ?, clock_timestamp(), clock_timestamp())
     on conflict (id) do update set seen_at = excluded.seen_at`,
    [worker.id, worker.host],
  ))

export const forget = async (db: TransactionOf<'system'>, id: string): Promise<void> =>
  void (await db('workers').where({ id }).delete())

export const forgetHost = async (db: TransactionOf<'system'>, host: string): Promise<void> =>
  void (await db('workers').where({ host }).delete())

/** Those that were killed and could not say so. */
export const forgetLost = async (db: TransactionOf<'system'>): Promise<void> =>
  void (await db('workers').where('seen_at', '<', db.raw("clock_timestamp() - interval '1 hour'")).delete())

export async function countSeenWithin(
  db: TransactionOf<'identity'> | TransactionOf<'system'>,
  seconds: number,
): Promise<number> {
  const [row] = await db('workers')
    .where('seen_at', '>', db.raw('clock_timestamp() - make_interval(secs => ?)', [seconds]))
    .count({ seen: '*' })
  return Number(row?.seen)
}

import type { Database, TransactionOf } from '../db/doors.js'

/**
 * Makes the months that the log will soon need, and moves into months what waits outside of them. Returns the names of
 * those it made; throws when the log is too busy to be given one, and may be asked again.
 */
export const makeMonths = (db: Database): Promise<string[]> =>
  db.asSystem(async (trx) => {
    const made = await trx.rows<{ name: string }>('select make_event_months() as name', [])
    return made.map(({ name }) => name)
  })

/**
 * Drops the months of which nothing is younger than seven years, for the caller to tell of in that transaction. Throws when
 * a chain would lose more than its beginning.
 */
export const dropOldMonths = (db: TransactionOf<'system'>): Promise<{ month: string; events: number }[]> =>
  db.rows('select month, events from drop_old_event_months()', [])

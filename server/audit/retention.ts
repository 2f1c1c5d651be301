import { hostler } from '../platform/access/ctx.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import { dropOldMonths, makeMonths } from '../platform/events/months.js'
import type { Services } from '../platform/services.js'
import * as queries from './queries.js'

/** What a job does once a day. That a month went is an event of its own. */
export async function keepEventMonths({ db, clock }: Services): Promise<void> {
  await makeMonths(db)
  await db.asSystem(async (trx) => {
    // Before the log itself: whoever appends holds a head first, and would wait for us as we for them.
    await queries.lockHeads(trx)
    for (const { month, events } of await dropOldMonths(trx)) {
      const subject = { kind: 'event-log', id: null, name: month }
      await appendOutsideTeams(trx, hostler, { type: 'event-log.month-dropped', subject, data: { events } }, clock())
    }
  })
}

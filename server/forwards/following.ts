import type { ForwardsRow } from '../platform/db/tables.js'
import { eventsAfter } from '../platform/events/queries.js'
import type { Services } from '../platform/services.js'
import * as queries from './queries.js'
import { retryAfterMs } from './rules.js'
import { sayFault, sendBatch } from './sending.js'

const batch = 200
/** Longer than a batch may take to be sent; whoever dies half-way holds up nobody for longer. */
const turnMs = 60_000
/** The last events of a team that was removed are tried for so long. */
const keptForRemovedMs = 3 * 86_400_000

/** What a job does every few seconds: whatever is behind is sent, until it is not, or until the other side fails. */
export async function sendForwards(services: Services, signal: AbortSignal): Promise<void> {
  await services.db.asSystem((db) => queries.deleteEnded(db, new Date(services.clock().getTime() - keptForRemovedMs)))
  const behind = await services.db.asSystem((db) => queries.forwardsBehind(db, services.clock()))
  // One that is slow holds up no other, and one that fails neither ends nor hides the others.
  const following = behind.map(({ team_id: team }) =>
    sendAll(services, team, signal).catch((error: unknown) => {
      services.log.error({ err: error, team }, 'events could not be sent on')
      throw error
    }),
  )
  const done = await Promise.allSettled(following)
  const errors = done.flatMap((one) => (one.status === 'rejected' ? [one.reason] : []))
  if (errors.length > 0)
    throw new AggregateError(errors, `${errors.length} of ${done.length} forwards were not followed`)
}

async function sendAll(services: Services, teamId: string, signal: AbortSignal): Promise<void> {
  const { db, clock } = services
  const turn = () => new Date(clock().getTime() + turnMs)
  const claimed = await db.asSystem((trx) => queries.claimForward(trx, teamId, clock(), turn()))
  if (!claimed) return
  let place = claimed
  // Looked at between batches: one that was begun ends by its own deadline, or it would have to be sent again.
  while (!signal.aborted) {
    const events = await db.asSystem((trx) => eventsAfter(trx, teamId, place, batch))
    const last = events.at(-1)
    if (!last) break
    const fault = await faultOf(services, place, sendBatch(services, place, events))
    if (fault) return fail(services, place, fault)
    const moved = { sequence: last.sequence, at: last.at, sent_at: clock(), taken_until: turn() }
    // Somebody else has gone on meanwhile, or it is gone.
    if (!(await db.asSystem((trx) => queries.moveForward(trx, place, moved)))) return
    place = { ...place, ...moved, failures: 0 }
  }
  await db.asSystem((trx) => queries.releaseForward(trx, place))
}

async function faultOf(services: Services, place: ForwardsRow, sending: Promise<void>): Promise<string | null> {
  try {
    await sending
    return null
  } catch (error) {
    return sayFault(services, place.team_id, error)
  }
}

async function fail({ db, clock, log }: Services, place: ForwardsRow, fault: string): Promise<void> {
  const failures = place.failures + 1
  const retryAt = new Date(clock().getTime() + retryAfterMs(failures))
  await db.asSystem((trx) => queries.failForward(trx, place, { failures, retry_at: retryAt, fault }))
  log.warn({ team: place.team_id, fault }, 'events could not be sent on')
}

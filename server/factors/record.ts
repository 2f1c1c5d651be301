import type { PersonCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import type { OutsideEventTypes } from '../platform/events/event.js'

/** Writes down what somebody changed about how they sign in themselves. */
export const record = (
  db: TransactionOf<'identity'>,
  ctx: PersonCtx,
  type: Extract<keyof OutsideEventTypes, `factor.${string}` | `recovery-codes.${string}`>,
  data: Record<string, unknown> = {},
): Promise<string> => {
  const subject = { kind: 'user', id: ctx.actor.id, name: ctx.actor.name }
  return appendOutsideTeams(db, ctx.actor, { type, subject, data, address: ctx.address }, ctx.now())
}

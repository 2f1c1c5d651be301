import type { Actor, TeamRef } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { appendInTeam } from '../platform/events/append.js'
import type { Services } from '../platform/services.js'
import * as queries from './queries.js'

/** For the authorizer and the frame of pages: who is inside of a team to help, at this moment. */

export const maybeVisit = (services: Services, sessionId: string, slug: string): Promise<queries.Visit | undefined> =>
  services.db.asIdentity(
    (db) => queries.maybeVisit(db, Buffer.from(sessionId, 'base64url'), slug, services.clock()),
    'read only',
  )

/** Who is in a team to help: whatever they do there says so, and by which grant. */
export const asVisitor = (actor: Actor, { id }: Pick<queries.Visit, 'id'>): Actor =>
  actor.kind === 'user' ? { ...actor, name: `${actor.name} (support)`, support: id } : actor

export const teamOfVisit = ({ team_id: id, slug, name }: queries.Visit): TeamRef => ({ id, slug, name })

export const visitorsOf = async (services: Services, teamId: string) =>
  (await services.db.asIdentity((db) => queries.insideNow(db, teamId, services.clock()), 'read only')).map(
    ({ id, operator, operator_id, reason, ends_at }) => ({
      id,
      operator,
      operatorId: operator_id,
      reason,
      endsAt: ends_at,
    }),
  )

/**
 * A visit belongs to one session. Call it in the transaction that has ended sessions of that person (null: of anybody), with
 * who ended them and from where.
 */
export async function endLeftVisits(
  db: TransactionOf<'identity'> | TransactionOf<'operator'>,
  operatorId: string | null,
  by: { readonly actor: Actor; readonly address: string | null },
  now: Date,
): Promise<void> {
  for (const { id, team_id: teamId, operator: name } of await queries.endLeft(db, operatorId, now)) {
    const event = { type: 'support.ended', subject: { kind: 'support', id }, data: { name, support: id } } as const
    await appendInTeam(db, teamId, by.actor, { ...event, address: by.address }, now)
  }
}

import type { Services } from '../platform/services.js'
import * as queries from './queries.js'

/** For the authorizer and the frame of pages: who is inside of a team to help, at this moment. */

export const maybeVisit = (services: Services, sessionId: string, slug: string): Promise<queries.Visit | undefined> =>
  services.db.asIdentity(
    (db) => queries.maybeVisit(db, Buffer.from(sessionId, 'base64url'), slug, services.clock()),
    'read only',
  )

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

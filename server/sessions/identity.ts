import type { Identity } from '../platform/access/authorizer.js'
import { hostler } from '../platform/access/ctx.js'
import { gather } from '../platform/gather.js'
import type { Services } from '../platform/services.js'
import { endLeftVisits } from '../support/support.js'
import { actorOf } from '../users/users.js'
import { deleteByHash, type LiveSession, liveSessions, markSeen } from './queries.js'
import { isOver, seenAfter, seenEveryMs, shutOf } from './rules.js'
import { maybeHash, publicId } from './session-id.js'

const visitor: Identity = { kind: 'visitor' }

/**
 * For the authorizer: who a session cookie stands for. Anything that is not a living session is a visitor. `isUse`: somebody
 * asked for this; a tab that only stays open is no use (SE-04).
 */
export function identityReader(services: Services): (cookie: string, isUse: boolean) => Promise<Identity> {
  // A busy panel asks less for each request. When the database is away, nobody waits until it was away for others.
  const findSession = gather((idHashes: readonly Buffer[]) => findSessions(services, idHashes), {
    most: 100,
    failsTogether: true,
  })

  return async (cookie, isUse) => {
    const idHash = maybeHash(cookie)
    const session = idHash && (await findSession(idHash))
    const now = services.clock()
    if (!session) return visitor
    if (isOver(session, session.rules, now)) return endOver(services, session, now)
    if (isUse && now.getTime() - session.last_seen_at.getTime() >= seenEveryMs)
      await services.db.asIdentity((db) => markSeen(db, session.id_hash, now))
    return identityOf(services, session)
  }
}

/** For good: the rule that has ended it may go, and the session does not come back with that. */
async function endOver({ db: doors }: Services, { id_hash, user_id }: LiveSession, now: Date): Promise<Identity> {
  await doors.asIdentity(async (db) => {
    await deleteByHash(db, id_hash)
    await endLeftVisits(db, user_id, { actor: hostler, address: null }, now)
  })
  return visitor
}

async function findSessions(
  { db, clock }: Services,
  idHashes: readonly Buffer[],
): Promise<(LiveSession | undefined)[]> {
  const now = clock()
  const found = await liveSessions(db, idHashes, now, seenAfter(now))
  return idHashes.map((idHash) => found.find(({ id_hash }) => id_hash.equals(idHash)))
}

function identityOf({ mail }: Services, session: LiveSession): Identity {
  const who = {
    actor: actorOf({ id: session.user_id, name: session.user_name }),
    sessionId: publicId(session.id_hash),
    connectionId: session.connection_id,
    csrfToken: session.csrf_secret.toString('base64url'),
  }
  if (session.is_half) return { kind: 'half', ...who }
  return {
    kind: 'person',
    ...who,
    // Whoever runs a team's identity provider decides who signs in by it, and runs no panel by that.
    isOperator: session.is_operator && session.connection_id === null,
    // Where no mail goes out nobody could prove an address: it is asked for once the panel sends some.
    isUnverified: !session.is_verified && mail.isSet,
    proofs: {
      passwordAt: session.password_proved_at,
      factorAt: session.factor_proved_at,
      hasFactor: session.has_factor,
    },
    shut: shutOf(session.rules, session.has_factor),
    teams: session.teams,
  }
}

import { createHash, randomBytes } from 'node:crypto'
import type { Identity } from '../platform/access/authorizer.js'
import type { PersonCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { UsersRow } from '../platform/db/tables.js'
import { forbidden, notFound } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import type { NewCookie } from '../platform/http/cookies.js'
import type { Services } from '../platform/services.js'
import { actorOf } from '../users/users.js'
import * as queries from './queries.js'
import { browserName, idleMs, longestMs, seenEveryMs } from './rules.js'

export { beginAttempt, countMailRequest } from './attempts.js'

type IdentityDb = TransactionOf<'identity'>

/** By the name it has in the code; `platform/http/cookies.ts` puts `__Host-` before it. */
export const sessionCookie = 'session'

/** Where a sign-in came from, for its owner to recognise it by. */
export interface Whence {
  readonly ip: string
  readonly userAgent: string
}

/** A new session under a new id. The cookie bears the id; the database only its hash (SE-01, SE-02). */
export async function createSession(db: IdentityDb, user: UsersRow, whence: Whence, now: Date): Promise<NewCookie> {
  const id = randomBytes(32)
  await queries.insertSession(db, {
    id_hash: hashOf(id),
    user_id: user.id,
    csrf_secret: randomBytes(32),
    flash: null,
    ip: whence.ip,
    user_agent: whence.userAgent,
    created_at: now,
    last_seen_at: now,
    expires_at: new Date(now.getTime() + longestMs),
  })
  const subject = { kind: 'user', id: user.id }
  await appendOutsideTeams(db, actorOf(user), { type: 'session.started', subject, data: { ip: whence.ip } }, now)
  return { name: sessionCookie, value: id.toString('base64url'), maxAgeSeconds: longestMs / 1000 }
}

/** For the authorizer: who a session cookie stands for. Anything that is not a living session is a visitor. */
export async function identityOfSession(services: Services, cookie: string): Promise<Identity> {
  const idHash = maybeHash(cookie)
  if (!idHash) return { kind: 'visitor' }
  const now = services.clock()

  const { db } = services
  const session = await db.asIdentity(
    (read) => queries.maybeLiveSession(read, idHash, now, seenAfter(now)),
    'read only',
  )
  if (!session) return { kind: 'visitor' }
  if (now.getTime() - session.last_seen_at.getTime() >= seenEveryMs) {
    await db.asIdentity((write) => queries.markSeen(write, idHash, now))
  }
  return {
    kind: 'person',
    actor: actorOf({ id: session.user_id, name: session.user_name }),
    isOperator: session.is_operator,
    isUnverified: !session.is_verified,
    sessionId: publicId(session.id_hash),
    csrfToken: session.csrf_secret.toString('base64url'),
    teams: session.teams,
  }
}

/** The person's own sessions, the newest use first. `id` is what a session is called in URLs; nobody gets in with it. */
export async function listSessions(ctx: PersonCtx) {
  const { userId, sessionId } = own(ctx)
  const now = ctx.now()
  const rows = await ctx.services.db.asIdentity((db) => queries.liveSessionsOf(db, userId, now, seenAfter(now)))
  return rows.map((row) => ({
    id: publicId(row.id_hash),
    isCurrent: publicId(row.id_hash) === sessionId,
    ip: row.ip,
    userAgent: row.user_agent,
    browser: browserName(row.user_agent),
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
  }))
}

/** Ends one of the person's own sessions, wherever it is open. Somebody else's is not there. */
export async function endSession(ctx: PersonCtx, id: string): Promise<void> {
  const { userId } = own(ctx)
  await ctx.services.db.asIdentity(async (db) => {
    const ended = await queries.deleteSession(db, userId, Buffer.from(id, 'base64url'))
    if (ended === 0) throw notFound('session')
    const subject = { kind: 'user', id: userId }
    await appendOutsideTeams(db, ctx.actor, { type: 'session.ended', subject }, ctx.now())
  })
}

export const signOut = (ctx: PersonCtx): Promise<void> => endSession(ctx, own(ctx).sessionId)

/** After a change of password: whoever else is signed in with the old one is out (SE-03). Returns how many were. */
export const endOtherSessions = (db: IdentityDb, ctx: PersonCtx): Promise<number> =>
  queries.deleteOtherSessions(db, own(ctx).userId, Buffer.from(own(ctx).sessionId, 'base64url'))

/** After a password was chosen anew: whoever is signed in, is out. Returns how many were. */
export const endAllSessions = (db: IdentityDb, user: UsersRow): Promise<number> => queries.deleteSessionsOf(db, user.id)

/** The session that a browser had before it signed in again. */
export async function dropSession(db: IdentityDb, cookie: string | undefined): Promise<void> {
  const idHash = cookie === undefined ? undefined : maybeHash(cookie)
  if (idHash) await queries.deleteByHash(db, idHash)
}

/** For the schedule: removes what can no longer be used. */
export const forgetOldSessions = (services: Services): Promise<void> =>
  services.db.asIdentity(async (db) => {
    const now = services.clock()
    await queries.deleteOverSessions(db, now, seenAfter(now))
    await queries.deleteOverAttempts(db, now)
  })

function own(ctx: PersonCtx): { userId: string; sessionId: string } {
  if (ctx.actor.kind !== 'user' || ctx.sessionId === null)
    throw forbidden('An API key has no sessions: sign in with your password')
  return { userId: ctx.actor.id, sessionId: ctx.sessionId }
}

const seenAfter = (now: Date): Date => new Date(now.getTime() - idleMs)

const hashOf = (id: Buffer): Buffer => createHash('sha256').update(id).digest()

const publicId = (idHash: Buffer): string => idHash.toString('base64url')

/** Only what we could have made ourselves is looked up: 32 bytes in their one spelling. */
function maybeHash(cookie: string): Buffer | undefined {
  const id = Buffer.from(cookie, 'base64url')
  return id.length === 32 && id.toString('base64url') === cookie ? hashOf(id) : undefined
}

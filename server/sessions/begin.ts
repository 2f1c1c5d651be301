import { randomBytes } from 'node:crypto'
import type { HalfCtx } from '../platform/access/ctx.js'
import type { SessionsRow, UsersRow } from '../platform/db/tables.js'
import { conflict } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import type { NewCookie } from '../platform/http/cookies.js'
import { actorOf } from '../users/users.js'
import { noticeBrowser } from './browsers.js'
import * as queries from './queries.js'
import { halfMs, longestMs } from './rules.js'
import { hashOf, type IdentityDb, sessionCookie } from './session-id.js'

/** Where a sign-in came from, for its owner to recognise it by. */
export interface Whence {
  readonly ip: string
  readonly userAgent: string
  /** Reads the cookies that came along. Left out: nothing is said or remembered of the browser. */
  readonly cookie?: (name: string) => string | undefined
}

/** How a session was begun. */
export interface How {
  readonly by: SessionsRow['begun_by']
  /** Of the provider that said who this is. */
  readonly connectionId?: string
  /** False where somebody else's word let them in: it stands for no password of the account, which step-up then asks for. */
  readonly provesAccount?: boolean
  /** A second factor was given on the way, here or there. */
  readonly factor: boolean
}

/**
 * A new session under a new id. The cookie bears the id; the database only its hash (SE-01, SE-02). Whoever has a second
 * factor and has not given it gets half of one: good for giving it, and for nothing else.
 */
export async function createSession(
  db: IdentityDb,
  user: UsersRow,
  whence: Whence,
  now: Date,
  how: How,
): Promise<NewCookie> {
  await refuseChanged(db, user, how.by === 'password')
  const isHalf = !how.factor && (await queries.hasFactor(db, user.id))
  // A passkey proves a factor; whatever else one comes by stands for the password.
  const passwordProvedAt = how.by === 'passkey' || how.provesAccount === false ? null : now
  const begun = { ...how, passwordProvedAt, factorProvedAt: how.factor ? now : null }
  return insert(db, user, whence, now, begun, isHalf)
}

/**
 * The whole session for a half one, under a new id again, once the factor was found right. Of many at once one gets it:
 * throws 409 when the half one is over.
 */
export async function completeSession(
  db: IdentityDb,
  ctx: HalfCtx,
  user: UsersRow,
  whence: Whence,
  by?: 'recovery-code',
): Promise<NewCookie> {
  await refuseChanged(db, user, false)
  const half = await queries.takeHalfSession(db, user.id, Buffer.from(ctx.sessionId, 'base64url'))
  if (!half) throw conflict('This sign-in is over', 'Sign in again.')
  const now = ctx.now()
  const begun = {
    by: by ?? half.begun_by,
    ...(half.connection_id !== null && { connectionId: half.connection_id }),
    factor: true,
    passwordProvedAt: half.password_proved_at,
    factorProvedAt: now,
  }
  return insert(db, user, whence, now, begun, false)
}

/** Between the proof and the session somebody may have been suspended, or have chosen another password. */
async function refuseChanged(db: IdentityDb, user: UsersRow, byPassword: boolean): Promise<void> {
  const now = await queries.shareUser(db, user.id)
  const isSame = now?.disabled_at === null && (!byPassword || now.password_hash === user.password_hash)
  if (!isSame) throw conflict('How you sign in was changed a moment ago', 'Sign in again.')
}

async function insert(
  db: IdentityDb,
  user: UsersRow,
  whence: Whence,
  now: Date,
  begun: How & { passwordProvedAt: Date | null; factorProvedAt: Date | null },
  isHalf: boolean,
): Promise<NewCookie> {
  const id = randomBytes(32)
  const lastsMs = isHalf ? halfMs : longestMs
  await queries.insertSession(db, {
    id_hash: hashOf(id),
    user_id: user.id,
    csrf_secret: randomBytes(32),
    flash: null,
    ip: whence.ip,
    user_agent: whence.userAgent,
    created_at: now,
    last_seen_at: now,
    expires_at: new Date(now.getTime() + lastsMs),
    begun_by: begun.by,
    connection_id: begun.connectionId ?? null,
    is_half: isHalf,
    password_proved_at: begun.passwordProvedAt,
    factor_proved_at: begun.factorProvedAt,
  })
  const along = isHalf ? [] : await noticeBrowser(db, user, whence, now)
  const subject = { kind: 'user', id: user.id, name: user.name }
  const data = { by: begun.by, factor: begun.factor }
  const type = isHalf ? 'session.half-started' : 'session.started'
  await appendOutsideTeams(db, actorOf(user), { type, subject, address: whence.ip, data }, now)
  return { name: sessionCookie, value: id.toString('base64url'), maxAgeSeconds: lastsMs / 1000, along }
}

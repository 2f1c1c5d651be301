import type { PersonCtx } from '../platform/access/ctx.js'
import type { Proofs } from '../platform/access/step-up.js'
import { placeOf } from './place.js'
import * as queries from './queries.js'
import { browserName, howOf, isOver, seenAfter } from './rules.js'
import { type IdentityDb, maybeHash, own, ownHash, publicId } from './session-id.js'

export { beginFactorAttempt, beginPasskeyAttempt, beginSamlAttempt } from './attempts.js'
export { completeSession, createSession, type How, type Whence } from './begin.js'
export { forgetBrowsers } from './browsers.js'
export { endAllSessions, endOtherSessions, leaveHalf } from './ending.js'
export { identityReader } from './identity.js'
export { countAgainst, type Limit } from './limits.js'
export { proveOwnPassword } from './own-password.js'
export { hasFactorSql, lockUser } from './queries.js'
export { replaceSession } from './replacing.js'
export { mailRequests } from './rules.js'
export { sessionCookie } from './session-id.js'

/** The person's own sessions, the newest use first; to one that a team's own sign-in began, only those that it began. `id` is what a session is called in URLs; nobody gets in with it. */
export async function listSessions(ctx: PersonCtx) {
  const { userId, sessionId } = own(ctx)
  const now = ctx.now()
  const rows = await ctx.services.db.asIdentity(async (db) => {
    const rules = await queries.rulesFor(db, userId)
    const live = await queries.liveSessionsOf(db, userId, ctx.connectionId, now, seenAfter(now))
    return live.filter((row) => !isOver(row, rules, now))
  })
  return rows.map((row) => ({
    id: publicId(row.id_hash),
    isCurrent: publicId(row.id_hash) === sessionId,
    ip: row.ip,
    place: placeOf(row.ip),
    how: howOf(row),
    userAgent: row.user_agent,
    browser: browserName(row.user_agent),
    createdAt: row.created_at,
    lastSeenAt: row.last_seen_at,
  }))
}

/** Whether somebody has set up a second factor, which every sign-in then asks for. */
export const hasFactor = (db: IdentityDb, userId: string): Promise<boolean> => queries.hasFactor(db, userId)

/** What this session has proven, and when. */
export async function proofsOf(ctx: PersonCtx): Promise<Proofs> {
  const { userId } = own(ctx)
  return ctx.services.db.asIdentity(async (db) => {
    const session = await queries.maybeSession(db, userId, ownHash(ctx))
    return {
      passwordAt: session?.password_proved_at ?? null,
      factorAt: session?.factor_proved_at ?? null,
      hasFactor: await queries.hasFactor(db, userId),
    }
  })
}

/** Writes down in this session that its person has just proven who they are. */
export async function markProved(
  db: IdentityDb,
  ctx: PersonCtx,
  by: { readonly password?: boolean; readonly factor?: boolean },
): Promise<void> {
  await queries.markProved(db, ownHash(ctx), by, ctx.now())
}

/** The same by the cookie of a request, where the caller acts in a team. */
export async function connectionOfSessionId(db: IdentityDb, cookie: string | undefined): Promise<string | null> {
  const idHash = cookie === undefined ? undefined : maybeHash(cookie)
  return idHash ? queries.connectionOf(db, idHash) : null
}

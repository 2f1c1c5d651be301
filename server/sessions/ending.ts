import { type Actor, type HalfCtx, hostler, type PersonCtx } from '../platform/access/ctx.js'
import type { UsersRow } from '../platform/db/tables.js'
import { notFound } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import type { Services } from '../platform/services.js'
import { endLeftVisits } from '../support/support.js'
import { actorOf } from '../users/users.js'
import type { Whence } from './begin.js'
import { forgetOldBrowsers } from './browsers.js'
import * as queries from './queries.js'
import { seenAfter } from './rules.js'
import { type IdentityDb, maybeHash, own, ownHash } from './session-id.js'

/** Ends one of the sessions that `listSessions` shows, wherever it is open. Somebody else's is not there. */
export async function endSession(ctx: PersonCtx, id: string): Promise<void> {
  const { userId } = own(ctx)
  await ctx.services.db.asIdentity(async (db) => {
    const ended = await queries.deleteSession(db, userId, ctx.connectionId, Buffer.from(id, 'base64url'))
    if (ended === 0) throw notFound('session')
    const subject = { kind: 'user', id: userId }
    await appendOutsideTeams(db, ctx.actor, { type: 'session.ended', subject, address: ctx.address }, ctx.now())
    await endLeftVisits(db, userId, ctx, ctx.now())
  })
}

export const signOut = (ctx: PersonCtx): Promise<void> => endSession(ctx, own(ctx).sessionId)

/** After a change of how one signs in: whoever else is signed in is out (SE-03). Returns how many were. */
export const endOtherSessions = (db: IdentityDb, ctx: PersonCtx): Promise<number> => endOthers(db, ctx, null)

async function endOthers(db: IdentityDb, ctx: PersonCtx, connection: string | null): Promise<number> {
  const { userId } = own(ctx)
  await queries.lockUser(db, userId)
  const ended = await queries.deleteOtherSessions(db, userId, connection, ownHash(ctx))
  await endLeftVisits(db, userId, ctx, ctx.now())
  return ended
}

/** All of these but this one. Returns how many ended. */
export const signOutElsewhere = (ctx: PersonCtx): Promise<number> =>
  ctx.services.db.asIdentity(async (db) => {
    const ended = await endOthers(db, ctx, ctx.connectionId)
    const subject = { kind: 'user', id: own(ctx).userId }
    const event = { type: 'session.others-ended', subject, data: { ended }, address: ctx.address } as const
    if (ended > 0) await appendOutsideTeams(db, ctx.actor, event, ctx.now())
    return ended
  })

/** After a password was chosen anew: whoever is signed in, is out. Returns how many were. */
export async function endAllSessions(
  db: IdentityDb,
  user: UsersRow,
  by: { readonly actor: Actor; readonly address: string | null },
  now: Date,
): Promise<number> {
  await queries.lockUser(db, user.id)
  const ended = await queries.deleteSessionsOf(db, user.id)
  await endLeftVisits(db, user.id, by, now)
  return ended
}

/** The session that a browser had before it signed in again, whosever it was. */
export async function dropSession(
  db: IdentityDb,
  { oldCookie, ip }: Pick<Whence, 'ip'> & { readonly oldCookie: string | undefined },
  now: Date,
): Promise<void> {
  const idHash = oldCookie === undefined ? undefined : maybeHash(oldCookie)
  const owner = idHash && (await queries.deleteByHash(db, idHash))
  if (!owner) return
  const subject = { kind: 'user', id: owner.id }
  const event = {
    type: 'session.ended',
    subject,
    data: { why: 'another was begun in its browser' },
    address: ip,
  } as const
  await appendOutsideTeams(db, actorOf(owner), event, now)
  await endLeftVisits(db, owner.id, { actor: actorOf(owner), address: ip }, now)
}

/** Ends a half session without anything having come of it. Twice is once. */
export const leaveHalf = (ctx: HalfCtx): Promise<void> =>
  ctx.services.db.asIdentity(async (db) => {
    const userId = ctx.actor.id ?? ''
    if (!(await queries.takeHalfSession(db, userId, Buffer.from(ctx.sessionId, 'base64url')))) return
    const subject = { kind: 'user', id: userId }
    const data = { why: 'no second factor was given' }
    await appendOutsideTeams(db, ctx.actor, { type: 'session.ended', subject, data, address: ctx.address }, ctx.now())
  })

/** For the schedule: removes what can no longer be used. */
export const forgetOldSessions = (services: Services): Promise<void> =>
  services.db.asIdentity(async (db) => {
    const now = services.clock()
    await queries.deleteOverSessions(db, now, seenAfter(now))
    await queries.deleteSessionsOverByRules(db, now)
    await queries.deleteOverAttempts(db, now)
    await queries.deleteOverChallenges(db, now)
    await forgetOldBrowsers(db, now)
    await endLeftVisits(db, null, { actor: hostler, address: null }, now)
  })

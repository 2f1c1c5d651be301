import type { VisitorCtx } from '../platform/access/ctx.js'
import type { UsersRow } from '../platform/db/tables.js'
import { FieldError } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import type { NewCookie } from '../platform/http/cookies.js'
import type { Secret } from '../platform/secret.js'
import { maybeUserByEmail } from '../users/users.js'
import { beginAttempt } from './attempts.js'
import { createSession, type Whence } from './begin.js'
import { knownBrowser } from './browsers.js'
import { dropSession } from './ending.js'
import { provePassword } from './passport.js'

/** `oldCookie`: of the session that this browser brings along, which the new one replaces. */
export type From = Whence & { readonly oldCookie: string | undefined }

/**
 * A new session for the right password. An unknown address, a wrong password and a disabled person get the same answer
 * after the same time.
 */
export async function signIn(
  ctx: VisitorCtx,
  given: { email: string; password: Secret },
  from: From,
): Promise<NewCookie> {
  const { services } = ctx
  const known = await services.db.asIdentity((db) => knownBrowser(db, given.email, from.cookie))
  const attempt = await beginAttempt(services, given.email, from.ip, known)
  const user = await provePassword(services, given)
  if (!user) {
    await recordRefusal(ctx, given.email, from)
    throw new FieldError('form', 'The address or the password is not right')
  }

  await attempt.succeeded()
  return replaceSession(ctx, user, from)
}

const replaceSession = (ctx: VisitorCtx, user: UsersRow, from: From): Promise<NewCookie> =>
  ctx.services.db.asIdentity(async (db) => {
    await dropSession(db, from, ctx.now())
    return createSession(db, user, from, ctx.now(), { by: 'password', factor: false })
  })

/** What was typed is not kept, not even the address: for an unknown one it may be a password in the wrong field. */
const recordRefusal = (ctx: VisitorCtx, email: string, from: Whence): Promise<unknown> =>
  ctx.services.db.asIdentity(async (db) => {
    const user = await maybeUserByEmail(db, email)
    const subject = { kind: 'user', id: user?.id ?? null, name: user?.name ?? null }
    const visitor = { kind: 'system', id: null, name: 'Visitor' } as const
    await appendOutsideTeams(db, visitor, { type: 'session.refused', subject, address: from.ip }, ctx.now())
  })

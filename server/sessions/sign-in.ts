import type { VisitorCtx } from '../platform/access/ctx.js'
import { FieldError } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import type { NewCookie } from '../platform/http/cookies.js'
import type { Secret } from '../platform/secret.js'
import { maybeUserByEmail } from '../users/users.js'
import { beginAttempt } from './attempts.js'
import type { Whence } from './begin.js'
import { knownBrowser } from './browsers.js'
import { provePassword } from './passport.js'
import { type From, replaceSession } from './replacing.js'

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
  const how = { by: 'password', factor: false } as const
  return services.db.asIdentity((db) => replaceSession(db, user, from, ctx.now(), how))
}

/** What was typed is not kept, not even the address: for an unknown one it may be a password in the wrong field. */
const recordRefusal = (ctx: VisitorCtx, email: string, from: Whence): Promise<unknown> =>
  ctx.services.db.asIdentity(async (db) => {
    const user = await maybeUserByEmail(db, email)
    const subject = { kind: 'user', id: user?.id ?? null, name: user?.name ?? null }
    const visitor = { kind: 'system', id: null, name: 'Visitor' } as const
    await appendOutsideTeams(db, visitor, { type: 'session.refused', subject, address: from.ip }, ctx.now())
  })

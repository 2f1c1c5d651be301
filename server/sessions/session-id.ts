import { createHash } from 'node:crypto'
import type { PersonCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { forbidden } from '../platform/errors.js'

export type IdentityDb = TransactionOf<'identity'>

/** By the name it has in the code; `platform/http/cookies.ts` puts `__Host-` before it. */
export const sessionCookie = 'session'

export const hashOf = (id: Buffer): Buffer => createHash('sha256').update(id).digest()

/** What a session is called in URLs; nobody gets in with it. */
export const publicId = (idHash: Buffer): string => idHash.toString('base64url')

/** Only what we could have made ourselves is looked up: 32 bytes in their one spelling. */
export function maybeHash(cookie: string): Buffer | undefined {
  const id = Buffer.from(cookie, 'base64url')
  return id.length === 32 && id.toString('base64url') === cookie ? hashOf(id) : undefined
}

/** Who acts, and in which session. @throws UserError 403 for an API key */
export function own(ctx: PersonCtx): { userId: string; sessionId: string } {
  if (ctx.actor.kind !== 'user' || ctx.sessionId === null)
    throw forbidden('An API key has no sessions: sign in with your password')
  return { userId: ctx.actor.id, sessionId: ctx.sessionId }
}

/** Of the session that acts. */
export const ownHash = (ctx: PersonCtx): Buffer => Buffer.from(own(ctx).sessionId, 'base64url')

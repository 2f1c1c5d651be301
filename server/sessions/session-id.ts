import { createHash } from 'node:crypto'
import type { TransactionOf } from '../platform/db/doors.js'

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

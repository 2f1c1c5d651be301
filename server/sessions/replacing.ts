import type { UsersRow } from '../platform/db/tables.js'
import type { NewCookie } from '../platform/http/cookies.js'
import { createSession, type How, type Whence } from './begin.js'
import { dropSession } from './ending.js'
import type { IdentityDb } from './session-id.js'

/** `oldCookie`: of the session that this browser brings along, which the new one replaces. */
export type From = Whence & { readonly oldCookie: string | undefined }

/**
 * A new session in place of the one that the browser had, whosever that was. In this order, as whoever changes how they sign
 * in holds their row before the sessions: two who did it the other way round would wait for each other.
 */
export async function replaceSession(
  db: IdentityDb,
  user: UsersRow,
  from: From,
  now: Date,
  how: How,
): Promise<NewCookie> {
  const cookie = await createSession(db, user, from, now, how)
  await dropSession(db, from, now)
  return cookie
}

import type { PersonCtx } from '../platform/access/ctx.js'
import type { UsersRow } from '../platform/db/tables.js'
import { noteRefusal } from '../platform/events/refusals.js'
import type { Secret } from '../platform/secret.js'
import { userByPassword } from '../users/users.js'
import { beginAttempt } from './attempts.js'

/**
 * Asks whoever is signed in for their password again. Undefined for a wrong one, which is counted as any guess is, and
 * written down: the browser may be in other hands. Throws 429 after a few.
 */
export async function proveOwnPassword(
  ctx: PersonCtx,
  self: UsersRow,
  password: Secret,
  ip: string,
): Promise<UsersRow | undefined> {
  const attempt = await beginAttempt(ctx.services, self.email, ip, self.id)
  const user = await userByPassword(ctx.services, self.email, password)
  if (user) await attempt.succeeded()
  else await note(ctx, self, ip)
  return user
}

function note({ services, actor }: PersonCtx, self: UsersRow, address: string): Promise<void> {
  const subject = { kind: 'user', id: self.id, name: self.name }
  const event = { type: 'session.refused', subject, data: { by: 'password', again: true }, address } as const
  return noteRefusal(services, { teamId: null, actor, event, about: 'password' })
}

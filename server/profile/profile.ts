import type { z } from 'zod'
import type { PersonCtx } from '../platform/access/ctx.js'
import { refuseOwnSignIn } from '../platform/access/own-sign-in.js'
import { FieldError } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import { endOtherSessions, forgetBrowsers, proveOwnPassword, type Whence } from '../sessions/sessions.js'
import { teamsOf } from '../teams/teams.js'
import { findSelf, hashOfNewPassword, rename, replacePassword } from '../users/users.js'
import type { PasswordChange } from './schema.js'

/** What people change about themselves. An API key has none of it. */

export async function profileOf(ctx: PersonCtx): Promise<{ name: string; email: string }> {
  const { name, email } = await findSelf(ctx)
  return { name, email }
}

/** As all their teams call them: so it is not for a sign-in of one of several. */
export async function changeName(ctx: PersonCtx, name: string): Promise<void> {
  const user = await findSelf(ctx)
  if (name === user.name) return
  if ((await teamsOf(ctx.services, ctx.actor)).length > 1) refuseOwnSignIn(ctx, 'renames nobody in other teams')
  await ctx.services.db.asIdentity(async (db) => {
    await rename(db, user, name)
    const subject = { kind: 'user', id: user.id }
    const data = { name, before: { name: user.name }, after: { name } }
    await appendOutsideTeams(db, ctx.actor, { type: 'user.renamed', subject, data, address: ctx.address }, ctx.now())
  })
}

/** Asks the present password again, whatever the session says, and signs every other browser out (SE-03). */
export async function changePassword(
  ctx: PersonCtx,
  change: z.output<typeof PasswordChange>,
  { ip, cookie }: Whence,
): Promise<void> {
  const self = await findSelf(ctx)
  const user = await proveOwnPassword(ctx, self, change.current, ip)
  if (!user) throw new FieldError('current', 'This is not your present password')

  const passwordHash = await hashOfNewPassword(change.password, user)
  await ctx.services.db.asIdentity(async (db) => {
    await replacePassword(db, user, passwordHash)
    const ended = await endOtherSessions(db, ctx)
    await forgetBrowsers(db, user.id, cookie)
    const subject = { kind: 'user', id: user.id }
    const data = { sessionsEnded: ended }
    await appendOutsideTeams(
      db,
      ctx.actor,
      { type: 'user.password-changed', subject, data, address: ctx.address },
      ctx.now(),
    )
  })
}

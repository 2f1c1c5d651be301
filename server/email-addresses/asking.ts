import type { z } from 'zod'
import type { PersonCtx } from '../platform/access/ctx.js'
import { FieldError } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import { countAgainst, mailRequests, proveOwnPassword } from '../sessions/sessions.js'
import { findSelf, maybeUserByEmail } from '../users/users.js'
import { askToVerify, refuseWithoutMail, sendConfirmation } from './email-addresses.js'
import type { AddressChange } from './schema.js'

/** Sends the link that proves the address again, for whoever did not find the mail; the link before it ends. Once the address is proven it does nothing. */
export async function resendVerification(ctx: PersonCtx, ip: string): Promise<void> {
  const { services } = ctx
  const user = await findSelf(ctx)
  if (user.email_verified_at !== null) return
  refuseWithoutMail(services)
  await countAgainst(services, mailRequests, ip, user.email)
  await services.db.asIdentity(async (db) => {
    await askToVerify(services, db, user, ctx.now())
    const subject = { kind: 'user', id: user.id, name: user.name }
    const event = { type: 'user.email-proof-asked', subject, address: ip } as const
    await appendOutsideTeams(db, ctx.actor, event, ctx.now())
  })
}

/**
 * Asks for the password again, whatever the session says, and sends a link to the new address; nothing changes before it
 * is opened (SE-11). An address of somebody else gets a mail that says so instead, and the answer is the same.
 */
export async function askToChange(
  ctx: PersonCtx,
  { email, current }: z.output<typeof AddressChange>,
  ip: string,
): Promise<void> {
  const { services } = ctx
  const self = await findSelf(ctx)
  refuseWithoutMail(services)
  if (email === self.email) throw new FieldError('email', 'This is your address already')
  const user = await proveOwnPassword(ctx, self, current, ip)
  if (!user) throw new FieldError('current', 'This is not your present password')
  await countAgainst(services, mailRequests, ip, email)

  await services.db.asIdentity(async (db) => {
    if (await maybeUserByEmail(db, email)) await services.mail.sendMail(db, taken(email), ctx.now())
    else await sendConfirmation(services, db, user, email, ctx.now())
    const subject = { kind: 'user', id: user.id, name: user.name }
    const event = { type: 'user.email-change-asked', subject, address: ctx.address } as const
    await appendOutsideTeams(db, ctx.actor, event, ctx.now())
  })
}

const taken = (to: string) => ({ to, view: 'address-taken', data: {} })

import type { z } from 'zod'
import type { PersonCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { UsersRow } from '../platform/db/tables.js'
import { FieldError } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import { countAgainst, mailRequests, proveOwnPassword } from '../sessions/sessions.js'
import { findSelf, maybeUserByEmail } from '../users/users.js'
import { askToVerify, keepConfirmation, refuseWithoutMail, sendConfirmation } from './email-addresses.js'
import type { AddressChange } from './schema.js'

type Identity = TransactionOf<'identity'>

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
    if (await maybeUserByEmail(db, email)) await sayTaken(ctx, db, user, email)
    else await sendConfirmation(services, db, user, email, ctx.now())
    const subject = { kind: 'user', id: user.id, name: user.name }
    const event = { type: 'user.email-change-asked', subject, address: ctx.address } as const
    await appendOutsideTeams(db, ctx.actor, event, ctx.now())
  })
}

/** The page of one's own address waits for it all the same: whoever asks sees no difference. */
async function sayTaken(ctx: PersonCtx, db: Identity, user: UsersRow, email: string): Promise<void> {
  await keepConfirmation(db, user, email, ctx.now())
  await ctx.services.mail.sendMail(db, { to: email, view: 'address-taken', data: {} }, ctx.now())
}

import { paths } from '../paths.js'
import type { PersonCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { UsersRow } from '../platform/db/tables.js'
import { conflict, UserError } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import { hashOfToken, newLinkToken } from '../platform/link-token.js'
import type { Services } from '../platform/services.js'
import { actorOf, credentialsOf, findSelf, markVerified, maybeUser, maybeUserByEmail } from '../users/users.js'
import { changeAddress } from './changing.js'
import * as queries from './queries.js'
import { confirmHours } from './rules.js'

type Identity = TransactionOf<'identity'>

/** What the page of one's own address shows. */
export async function addressOf(ctx: PersonCtx) {
  const user = await findSelf(ctx)
  const pending = await ctx.services.db.asIdentity((db) =>
    queries.maybeConfirmation(db, { user_id: user.id }, madeAfter(ctx.now(), confirmHours)),
  )
  return {
    email: user.email,
    isVerified: user.email_verified_at !== null,
    pendingEmail: pending && pending.email !== user.email ? pending.email : null,
    sendsMail: ctx.services.mail.isSet,
  }
}

/** Sends somebody new the link that proves their address, in the transaction that makes them. */
export const askToVerify = (services: Services, db: Identity, user: UsersRow, now: Date): Promise<void> =>
  sendConfirmation(services, db, user, user.email, now)

/** A link to the address that is to be proven, instead of the one before it. */
export async function sendConfirmation(
  services: Services,
  db: Identity,
  user: UsersRow,
  email: string,
  now: Date,
): Promise<void> {
  const token = await keepConfirmation(db, user, email, now)
  const link = `${services.config.baseUrl.origin}${paths.emailConfirmation(token)}`
  const view = email === user.email ? 'verify-address' : 'confirm-new-address'
  await services.mail.sendMail(db, { to: email, view, data: { name: user.name, email, link, confirmHours } }, now)
}

/** Instead of the one before it, and whether or not its link is sent: what is kept tells nobody whose an address is (SE-07). */
export async function keepConfirmation(db: Identity, user: UsersRow, email: string, now: Date): Promise<string> {
  const { token, hash } = newLinkToken()
  await queries.replaceConfirmation(db, {
    ...{ user_id: user.id, email, token_hash: hash, bound_to: credentialsOf(user), made_at: now },
  })
  return token
}

/** Throws 404 for a link that was used, replaced, outlived, or never made. */
export const checkConfirmation = (services: Services, token = ''): Promise<{ email: string }> =>
  services.db.asIdentity(async (db) => {
    const { email } = await findConfirmed(db, token, services.clock())
    return { email }
  })

/**
 * Uses the link up: the address is proven, and takes the place of the old one where it is new. Nobody is signed in by it.
 * Throws as `checkConfirmation` does, and 409 when the address has become somebody else's.
 */
export async function confirmAddress(services: Services, token: string, address: string | null = null): Promise<void> {
  const now = services.clock()
  await services.db.asIdentity(async (db) => {
    const { user, email } = await findConfirmed(db, token, now)
    if (!(await queries.claimConfirmation(db, hashOfToken(token), madeAfter(now, confirmHours)))) throw isOver()
    if (email !== user.email) return changeAddress(services, db, user, { email, address, now })
    await markVerified(db, user, now)
    const subject = { kind: 'user', id: user.id, name: user.name }
    await appendOutsideTeams(db, actorOf(user), { type: 'user.email-verified', subject, address }, now)
  })
}

/** For the machine itself, where having a shell is the permission. Throws 404 for nobody. */
export const verifyByShell = (services: Services, email: string): Promise<void> =>
  services.db.asIdentity(async (db) => {
    const user = await maybeUserByEmail(db, email)
    if (user?.disabled_at !== null) throw new UserError(404, `Nobody signs in with ${email}`)
    if ((await markVerified(db, user, services.clock())) === 0) return
    const subject = { kind: 'user', id: user.id, name: user.name }
    const actor = { kind: 'system', id: null, name: 'Shell' } as const
    await appendOutsideTeams(db, actor, { type: 'user.email-verified', subject }, services.clock())
  })

/** Throws 409: what takes a mail cannot be done on a panel that sends none. */
export function refuseWithoutMail({ mail }: Services): void {
  if (!mail.isSet)
    throw conflict('This panel sends no mail', 'Ask whoever runs it to set that up, or to do this on its machine.')
}

async function findConfirmed(db: Identity, token: string, now: Date): Promise<{ user: UsersRow; email: string }> {
  const confirmation = await queries.maybeConfirmation(
    db,
    { token_hash: hashOfToken(token) },
    madeAfter(now, confirmHours),
  )
  const user = confirmation && (await maybeUser(db, confirmation.user_id))
  if (user?.disabled_at !== null || !confirmation?.bound_to.equals(credentialsOf(user))) throw isOver()
  return { user, email: confirmation.email }
}

const isOver = () =>
  new UserError(
    404,
    'This link does not work any more',
    `A link to confirm an address works once, for ${confirmHours} hours. Sign in to have another sent.`,
  )

const madeAfter = (now: Date, hours: number): Date => new Date(now.getTime() - hours * 3600_000)

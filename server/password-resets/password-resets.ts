import type { z } from 'zod'
import { paths } from '../paths.js'
import { hostler } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { UsersRow } from '../platform/db/tables.js'
import { UserError } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import { hashOfToken, newLinkToken } from '../platform/link-token.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import { endAllSessions, forgetBrowsers } from '../sessions/sessions.js'
import {
  actorOf,
  credentialsOf,
  hashOfNewPassword,
  maybeUser,
  maybeUserByEmail,
  replacePassword,
} from '../users/users.js'
import * as queries from './queries.js'
import type { PasswordReset } from './schema.js'

type Identity = TransactionOf<'identity'>

/** As long as it takes to walk over to somebody; the OWASP Forgot Password Cheat Sheet asks for a short time. */
export const validMinutes = 30

/**
 * For the machine itself, where having a shell is the permission: a link that lets this person choose a new password.
 * The one before it ends, and so does this one with any change of their password or address. Throws 404 for nobody.
 */
export async function makeResetLink(services: Services, email: string): Promise<Secret> {
  return services.db.asIdentity(async (db) => {
    const user = await maybeUserByEmail(db, email)
    if (user?.disabled_at !== null) throw new UserError(404, `Nobody signs in with ${email}`)
    return makeLink(services, db, user, services.clock())
  })
}

/** The same link, by mail to whoever it is for. */
export async function mailResetLink(services: Services, db: Identity, user: UsersRow, now: Date): Promise<void> {
  const { token, hash } = newLinkToken()
  const link = linkWith(services, token)
  await services.mail.sendMail(db, { to: user.email, view: 'password-reset', data: { link, validMinutes } }, now)
  await replaceReset(db, user, hash, now)
}

async function makeLink(services: Services, db: Identity, user: UsersRow, now: Date): Promise<Secret> {
  const { token, hash } = newLinkToken()
  await replaceReset(db, user, hash, now)
  return new Secret(linkWith(services, token))
}

async function replaceReset(db: Identity, user: UsersRow, hash: Buffer, now: Date): Promise<void> {
  await queries.replaceReset(db, { user_id: user.id, token_hash: hash, bound_to: credentialsOf(user), made_at: now })
  const subject = { kind: 'user', id: user.id, name: user.name }
  await appendOutsideTeams(db, hostler, { type: 'password-reset.made', subject }, now)
}

const linkWith = ({ config }: Services, token: string): string =>
  `${config.baseUrl.origin}${paths.passwordReset(token)}`

/** Throws 404 for a link that was used, replaced, outlived, or never made. */
export const checkReset = (services: Services, token = ''): Promise<void> =>
  services.db.asIdentity((db) => findOwner(db, token, services.clock())).then(() => {})

/**
 * Uses the link up, and signs every browser of theirs out. Nobody is signed in by it: whatever a sign-in asks for besides
 * the password is asked for next (SE-08). Throws as `checkReset` does.
 */
export async function resetPassword(
  services: Services,
  { token, password }: z.output<typeof PasswordReset>,
  address: string | null = null,
): Promise<void> {
  const now = services.clock()
  const user = await services.db.asIdentity((db) => findOwner(db, token, now))
  const passwordHash = await hashOfNewPassword(password, user)
  await services.db.asIdentity(async (db) => {
    if (!(await queries.claimReset(db, hashOfToken(token), madeAfter(now)))) throw isOver()
    await replacePassword(db, user, passwordHash)
    await forgetBrowsers(db, user.id)
    const data = { sessionsEnded: await endAllSessions(db, user, { actor: actorOf(user), address }, now) }
    const subject = { kind: 'user', id: user.id, name: user.name }
    await appendOutsideTeams(db, actorOf(user), { type: 'password-reset.used', subject, address, data }, now)
  })
}

async function findOwner(db: Identity, token: string, now: Date): Promise<UsersRow> {
  const reset = await queries.maybeReset(db, hashOfToken(token), madeAfter(now))
  const user = reset && (await maybeUser(db, reset.user_id))
  if (user?.disabled_at !== null || !reset?.bound_to.equals(credentialsOf(user))) throw isOver()
  return user
}

const isOver = () =>
  new UserError(
    404,
    'This link does not work any more',
    `A link to choose a password works once, for ${validMinutes} minutes. Ask whoever runs this panel for another.`,
  )

const madeAfter = (now: Date): Date => new Date(now.getTime() - validMinutes * 60_000)

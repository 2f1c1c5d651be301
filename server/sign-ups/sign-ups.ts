import type { z } from 'zod'
import { paths } from '../paths.js'
import type { PersonCtx, VisitorCtx } from '../platform/access/ctx.js'
import { FieldError, forbidden, UserError } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import type { NewCookie } from '../platform/http/cookies.js'
import { hashOfToken, newLinkToken } from '../platform/link-token.js'
import type { Services } from '../platform/services.js'
import { countAgainst, mailRequests, replaceSession, type Whence } from '../sessions/sessions.js'
import { actorOf, createUser, hashOfNewPassword, maybeUserByEmail } from '../users/users.js'
import * as queries from './queries.js'
import { madeAfter, type SignUpMode, validHours } from './rules.js'
import type { Account } from './schema.js'

export const signUpMode = ({ db }: Services): Promise<SignUpMode> => db.asIdentity(queries.findMode)

/** For the operator. Open sign-up proves addresses by mail, so it needs a way to send any. */
export async function chooseSignUp(ctx: PersonCtx, mode: SignUpMode): Promise<void> {
  if (mode === 'open' && !ctx.services.mail.isSet)
    throw new FieldError('mode', 'This panel cannot send mail yet, which open sign-up needs to prove addresses')
  await ctx.services.db.asIdentity(async (db) => {
    const from = await queries.findMode(db)
    if ((await queries.updateMode(db, mode)) === 0) return
    const event = {
      type: 'sign-up.chosen',
      subject: { kind: 'panel', id: null },
      data: { from, to: mode },
      address: ctx.address,
    } as const
    await appendOutsideTeams(db, ctx.actor, event, ctx.now())
  })
}

/**
 * Mails a link to make an account with. Who has one already is mailed that; whoever asked is answered the same, after the
 * same work (SE-07).
 */
export async function askToSignUp({ services }: VisitorCtx, email: string, ip: string): Promise<void> {
  await refuseUnlessOpen(services)
  await countAgainst(services, mailRequests, ip, email)
  const { token, hash } = newLinkToken()
  const now = services.clock()
  await services.db.asIdentity(async (db) => {
    const known = await maybeUserByEmail(db, email)
    await queries.replaceSignUp(db, { email, token_hash: hash, made_at: now })
    const link = (path: string) => new URL(path, services.config.baseUrl).href
    const data = known ? { link: link(paths.signIn()) } : { link: link(paths.account(token)), validHours }
    await services.mail.sendMail(db, { to: email, view: known ? 'sign-up-known' : 'sign-up', data }, now)
  })
}

/** The address that a link proves. Throws 404 for a link that was used, replaced, outlived, or never made. */
export async function checkSignUp(services: Services, token = ''): Promise<string> {
  const now = services.clock()
  const email = await services.db.asIdentity((db) => queries.maybeEmail(db, hashOfToken(token), madeAfter(now)))
  if (email === undefined) throw isOver()
  return email
}

/**
 * Uses the link up: its holder reads that address's mail. Makes the account and signs them in, in place of whoever was in
 * that browser before. Throws as `checkSignUp`.
 */
export async function signUp(
  ctx: VisitorCtx,
  { token, name, password }: z.output<typeof Account>,
  whence: Whence & { readonly oldCookie: string | undefined },
): Promise<NewCookie> {
  const { services } = ctx
  await refuseUnlessOpen(services)
  const email = await checkSignUp(services, token)
  const passwordHash = await hashOfNewPassword(password, { email, name })
  const now = ctx.now()
  return services.db.asIdentity(async (db) => {
    if (!(await queries.claimSignUp(db, hashOfToken(token), madeAfter(now)))) throw isOver()
    const user = await createUser(db, { email, name, passwordHash, isOperator: false, emailVerifiedAt: now }, now)
    const subject = { kind: 'user', id: user.id }
    await appendOutsideTeams(
      db,
      actorOf(user),
      { type: 'user.signed-up', subject, data: { name, email }, address: whence.ip },
      now,
    )
    return replaceSession(db, user, whence, now, { by: 'password', factor: false })
  })
}

/** For the schedule. */
export const forgetOldSignUps = ({ db, clock }: Services): Promise<number> =>
  db.asIdentity((identity) => queries.deleteMadeBefore(identity, madeAfter(clock())))

async function refuseUnlessOpen(services: Services): Promise<void> {
  if ((await signUpMode(services)) !== 'open') throw forbidden('Nobody can make an account here without an invitation')
}

const isOver = () =>
  new UserError(
    404,
    'This link does not work any more',
    `A link to make an account works once, for ${validHours} hours. Ask for another on the page “Make an account”.`,
  )

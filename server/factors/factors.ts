import { type HalfCtx, hostler, type PersonCtx } from '../platform/access/ctx.js'
import type { UsersRow } from '../platform/db/tables.js'
import { FieldError, UserError } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import type { NewCookie } from '../platform/http/cookies.js'
import type { Services } from '../platform/services.js'
import { beginFactorAttempt, completeSession, endAllSessions, lockUser, type Whence } from '../sessions/sessions.js'
import { findSelf, maybeUser, maybeUserByEmail } from '../users/users.js'
import { spendAppCode } from './apps.js'
import { deletePasskeysOf, passkeysOf } from './passkeys/passkey-queries.js'
import { type Credential, listPasskeys, usePasskey } from './passkeys/passkeys.js'
import { passkeysFault } from './passkeys/rules.js'
import * as queries from './queries.js'
import { spendCode } from './recovery-codes.js'
import { readCode } from './rules.js'

/** What somebody signs in with besides the password. */
export async function factorsOf(ctx: PersonCtx) {
  const { id } = await findSelf(ctx)
  return ctx.services.db.asIdentity((db) => factorsIn(db, id))
}

export const factorsOfHalf = (ctx: HalfCtx) => ctx.services.db.asIdentity((db) => factorsIn(db, ctx.actor.id ?? ''))

const factorsIn = async (db: Parameters<typeof queries.maybeApp>[0], userId: string) => ({
  app: (await queries.maybeApp(db, userId))?.confirmed_at ?? null,
  passkeysCount: (await passkeysOf(db, userId)).length,
  recoveryCodesLeft: await queries.countCodes(db, userId),
})

/** Whether browsers take passkeys for a panel at this address. */
export const takesPasskeys = ({ config }: Services): boolean => passkeysFault(config.baseUrl) === null

/** For the page on which they are changed. */
export const signInMethods = async (ctx: PersonCtx) => ({
  ...(await factorsOf(ctx)),
  passkeys: await listPasskeys(ctx),
  passkeysFault: passkeysFault(ctx.services.config.baseUrl),
})

/** For the machine itself, where having a shell is the permission: for somebody who has lost app and recovery codes. */
export const removeFactors = (services: Services, email: string): Promise<void> =>
  services.db.asIdentity(async (db) => {
    const user = await maybeUserByEmail(db, email)
    if (!user) throw new UserError(404, `Nobody signs in with ${email}`)
    await lockUser(db, user.id)
    await queries.deleteApp(db, user.id)
    await deletePasskeysOf(db, user.id)
    await queries.deleteCodes(db, user.id)
    const data = { sessionsEnded: await endAllSessions(db, user, { actor: hostler, address: null }, services.clock()) }
    const event = { type: 'factor.all-removed', subject: { kind: 'user', id: user.id, name: user.name }, data } as const
    await appendOutsideTeams(db, hostler, event, services.clock())
  })

/** The second half of a sign-in: a code of the app, or one from the paper, for the whole session. */
export async function finishSignIn(ctx: HalfCtx, typed: string, from: Whence): Promise<NewCookie> {
  const { services } = ctx
  const user = await services.db.asIdentity((db) => maybeUser(db, ctx.actor.id ?? ''))
  const by = user && (await spend(services, user, typed, from))
  if (!user || !by) throw new FieldError('code', 'This code is not right, or it was used before')
  return services.db.asIdentity((db) =>
    completeSession(db, ctx, user, from, by === 'recovery-code' ? 'recovery-code' : undefined),
  )
}

/** The same by a passkey. */
export async function finishByPasskey(ctx: HalfCtx, response: Credential, from: Whence): Promise<NewCookie> {
  const { services } = ctx
  await usePasskey(ctx, 'factor', response)
  return services.db.asIdentity(async (db) => {
    const user = await maybeUser(db, ctx.actor.id ?? '')
    if (!user) throw new FieldError('form', 'This sign-in is over')
    return completeSession(db, ctx, user, from)
  })
}

/**
 * Uses a code up and says which kind it was; undefined for a wrong one. Wrong ones are counted for the person, whatever the
 * session, the browser or the address: throws 429 after a few (MF-02).
 */
export async function spend(services: Services, user: UsersRow, typed: string, from: Whence) {
  const attempt = await beginFactorAttempt(services, user.id, from.ip)
  const now = services.clock()
  const read = readCode(typed)
  const by = await services.db.asIdentity(async (db) => {
    const isRight =
      read !== null &&
      (read.kind === 'app'
        ? await spendAppCode(services, db, user.id, read.code, now)
        : await spendCode(db, user.id, read.code, now))
    const subject = { kind: 'user', id: user.id, name: user.name }
    const actor = { kind: 'user', id: user.id, name: user.name } as const
    const type = !isRight ? 'factor.refused' : read.kind === 'app' ? null : 'recovery-code.used'
    if (type) await appendOutsideTeams(db, actor, { type, subject, address: from.ip }, now)
    return isRight ? read.kind : undefined
  })
  if (by) await attempt.succeeded()
  return by
}

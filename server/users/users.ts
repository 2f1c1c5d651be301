import { createHash, randomBytes } from 'node:crypto'
import type { PersonCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { UsersRow } from '../platform/db/tables.js'
import { conflict, FieldError, forbidden } from '../platform/errors.js'
import { newId } from '../platform/ids.js'
import { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
import { isBreached } from './breached.js'
import { hashPassword, isPassword } from './passwords.js'
import * as queries from './queries.js'
import { passwordFault } from './rules.js'

/** The shapes that other features' forms are made of. */
export { Email, NewPassword, PersonName, TypedEmail, TypedPassword } from './schema.js'

type Identity = TransactionOf<'identity'>

export interface NewUser {
  email: string
  name: string
  passwordHash: string
  isOperator: boolean
  /** Since when the address is known to be theirs. Left out: it has to be proven first. */
  emailVerifiedAt?: Date | null
}

export const anybodyIsThere = (db: Identity): Promise<boolean> => queries.anyUser(db)

export const maybeUser = (db: Identity, id: string): Promise<UsersRow | undefined> => queries.maybeUser(db, id)

export const maybeUserByEmail = (db: Identity, email: string): Promise<UsersRow | undefined> =>
  queries.maybeUserByEmail(db, email)

/** Throws 409 when somebody has that address already. */
export async function createUser(db: Identity, user: NewUser, now: Date): Promise<UsersRow> {
  const row: UsersRow = {
    id: newId(),
    email: user.email,
    name: user.name,
    password_hash: user.passwordHash,
    is_operator: user.isOperator,
    disabled_at: null,
    disabled_reason: null,
    created_at: now,
    email_verified_at: user.emailVerifiedAt ?? null,
  }
  if (!(await queries.insertUser(db, row)))
    throw conflict('There is an account with this address already', 'Sign in with it.')
  return row
}

/** Made outside any transaction, for it takes a while. Throws when the password is too easy to guess. */
export async function hashOfNewPassword(password: Secret, person: { email: string; name: string }): Promise<string> {
  const fault = passwordFault(password.reveal(), person)
  if (fault) throw new FieldError('password', fault)
  if (await isBreached(password.reveal()))
    throw new FieldError('password', 'This password is known from leaks, and is among the first to be tried')
  return hashPassword(password)
}

/** Of a random text that nobody was ever told, until they choose one by a reset. Takes as long. */
export const hashOfNobodysPassword = (): Promise<string> =>
  hashPassword(new Secret(randomBytes(32).toString('base64url')))

/** Undefined for an unknown address, a disabled person and a wrong password alike, and as slowly. */
export async function userByPassword(
  services: Services,
  email: string,
  password: Secret,
): Promise<UsersRow | undefined> {
  const user = await services.db.asIdentity((db) => queries.maybeUserByEmail(db, email))
  const known = user?.disabled_at === null ? user : undefined
  return (await isPassword(known?.password_hash, password)) ? known : undefined
}

/** The person behind a request. What is theirs alone is out of reach of an API key (AK-05). */
export async function findSelf(ctx: PersonCtx): Promise<UsersRow> {
  if (ctx.actor.kind !== 'user' || ctx.sessionId === null)
    throw forbidden('An API key cannot do this: sign in with your password')
  const { id } = ctx.actor
  const user = await ctx.services.db.asIdentity((db) => queries.maybeUser(db, id))
  if (!user) throw forbidden('You are no longer here')
  return user
}

export const rename = async (db: Identity, user: UsersRow, name: string): Promise<void> =>
  void (await queries.updateName(db, user.id, name))

export async function replacePassword(db: Identity, user: UsersRow, passwordHash: string): Promise<void> {
  if ((await queries.updatePassword(db, user, passwordHash)) === 0)
    throw conflict('Your password was changed by somebody else a moment ago', 'Sign in again with the new one.')
}

/** The new address counts as proven. Throws 409 when it is somebody's, and when theirs has just been changed. */
export async function replaceEmail(db: Identity, user: UsersRow, email: string, now: Date): Promise<void> {
  const isChanged = await queries.updateEmail(db, user, email, now).catch((error: unknown) => {
    if (!isTaken(error)) throw error
    throw conflict('This address belongs to another account', 'Use another one, or sign in with that one.')
  })
  if (!isChanged) throw conflict('Your address was changed by somebody else a moment ago')
}

/** Unique violation (PostgreSQL, appendix A). */
const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '23505'

export const markVerified = (db: Identity, user: UsersRow, now: Date): Promise<number> =>
  queries.updateVerified(db, user.id, now)

/** What links are bound to: whoever knows an old password, or had an old address, gains nothing from an old link. */
export const credentialsOf = ({ email, password_hash }: UsersRow): Buffer =>
  createHash('sha256').update(`${email} ${password_hash}`).digest()

export const actorOf = (user: { id: string; name: string }) => ({ kind: 'user', id: user.id, name: user.name }) as const

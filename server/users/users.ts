import type { PersonCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { UsersRow } from '../platform/db/tables.js'
import { conflict, FieldError, forbidden } from '../platform/errors.js'
import { newId } from '../platform/ids.js'
import type { Secret } from '../platform/secret.js'
import type { Services } from '../platform/services.js'
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
}

export const anybodyIsThere = (db: Identity): Promise<boolean> => queries.anyUser(db)

export const maybeUser = (db: Identity, id: string): Promise<UsersRow | undefined> => queries.maybeUser(db, id)

export const maybeUserByEmail = (db: Identity, email: string): Promise<UsersRow | undefined> =>
  queries.maybeUserByEmail(db, email)

export async function createUser(db: Identity, user: NewUser, now: Date): Promise<UsersRow> {
  const row: UsersRow = {
    id: newId(),
    email: user.email,
    name: user.name,
    password_hash: user.passwordHash,
    is_operator: user.isOperator,
    disabled_at: null,
    created_at: now,
  }
  await queries.insertUser(db, row)
  return row
}

/** Made outside any transaction, for it takes a while. Throws when the password is too easy to guess. */
export async function hashOfNewPassword(password: Secret, person: { email: string; name: string }): Promise<string> {
  const fault = passwordFault(password.reveal(), person)
  if (fault) throw new FieldError('password', fault)
  return hashPassword(password)
}

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

export const actorOf = (user: { id: string; name: string }) => ({ kind: 'user', id: user.id, name: user.name }) as const

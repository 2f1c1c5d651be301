import type { TransactionOf } from '../platform/db/doors.js'
import type { UsersRow } from '../platform/db/tables.js'

type Identity = TransactionOf<'identity'>

const columns: (keyof UsersRow)[] = [
  'id',
  'email',
  'name',
  'password_hash',
  'is_operator',
  'disabled_at',
  'disabled_reason',
  'created_at',
  'email_verified_at',
]

export const maybeUserByEmail = (db: Identity, email: string): Promise<UsersRow | undefined> =>
  db('users').select(columns).whereRaw('lower(email) = ?', [email]).first()

export const maybeUser = (db: Identity, id: string): Promise<UsersRow | undefined> =>
  db('users').select(columns).where({ id }).first()

export const anyUser = async (db: Identity): Promise<boolean> => (await db('users').select('id').first()) !== undefined

/** Returns false when somebody has that address. */
export const insertUser = async (db: Identity, row: UsersRow): Promise<boolean> =>
  (await db('users').insert(row).onConflict(db.raw('(lower(email))')).ignore().returning('id')).length === 1

export const updateName = (db: Identity, id: string, name: string): Promise<number> =>
  db('users').update({ name }).where({ id })

/** Only from the hash that was checked: of two changes at once the second finds it gone. */
export const updatePassword = (db: Identity, user: UsersRow, passwordHash: string): Promise<number> =>
  db('users').update({ password_hash: passwordHash }).where({ id: user.id, password_hash: user.password_hash })

/** Only from the address that it was asked for: of two changes at once the second finds it gone. */
export const updateEmail = async (db: Identity, user: UsersRow, email: string, now: Date): Promise<boolean> =>
  (await db('users').update({ email, email_verified_at: now }).where({ id: user.id, email: user.email })) === 1

export const updateVerified = (db: Identity, id: string, now: Date): Promise<number> =>
  db('users').update({ email_verified_at: now }).where({ id }).whereNull('email_verified_at')

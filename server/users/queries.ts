import type { TransactionOf } from '../platform/db/doors.js'
import type { UsersRow } from '../platform/db/tables.js'

type Identity = TransactionOf<'identity'>

const columns: (keyof UsersRow)[] = ['id', 'email', 'name', 'password_hash', 'is_operator', 'disabled_at', 'created_at']

export const maybeUserByEmail = (db: Identity, email: string): Promise<UsersRow | undefined> =>
  db('users').select(columns).whereRaw('lower(email) = ?', [email]).first()

export const maybeUser = (db: Identity, id: string): Promise<UsersRow | undefined> =>
  db('users').select(columns).where({ id }).first()

export const anyUser = async (db: Identity): Promise<boolean> => (await db('users').select('id').first()) !== undefined

export const insertUser = async (db: Identity, row: UsersRow): Promise<void> => void (await db('users').insert(row))

export const updateName = (db: Identity, id: string, name: string): Promise<number> =>
  db('users').update({ name }).where({ id })

/** Only from the hash that was checked: of two changes at once the second finds it gone. */
export const updatePassword = (db: Identity, user: UsersRow, passwordHash: string): Promise<number> =>
  db('users').update({ password_hash: passwordHash }).where({ id: user.id, password_hash: user.password_hash })

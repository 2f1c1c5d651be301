import type { TeamTx } from '../platform/access/ctx.js'
import type { Transaction, TransactionOf } from '../platform/db/doors.js'
import type { DirectoryUsersRow } from '../platform/db/tables.js'
import { type Fields, rowsWhere, whereOf } from './filter-queries.js'
import type { Condition } from './scim/filters.js'
import type { Page, UserRow } from './scim/resources.js'

type Identity = TransactionOf<'identity'>

const isInSql = `(person.is_active and exists (select from memberships membership
    where membership.team_id = person.team_id and membership.user_id = person.user_id))`

const fields = {
  id: { sql: 'person.id::text', kind: 'any case' },
  username: { sql: 'person.user_name', kind: 'any case' },
  externalid: { sql: 'person.external_id', kind: 'exact' },
  displayname: { sql: 'person.display_name', kind: 'any case' },
  'name.givenname': { sql: 'person.given_name', kind: 'any case' },
  'name.familyname': { sql: 'person.family_name', kind: 'any case' },
  emails: { sql: 'person.email', kind: 'any case' },
  'emails.value': { sql: 'person.email', kind: 'any case' },
  'emails.type': { sql: `'work'::text`, kind: 'any case' },
  'emails.primary': { sql: 'true', kind: 'boolean' },
  active: { sql: isInSql, kind: 'boolean' },
} as const satisfies Fields

export const userFields: ReadonlySet<string> = new Set(Object.keys(fields))

/** The oldest first, so that pages stay as they are while some are added. */
export async function usersWhere(
  { db }: TeamTx,
  directory: string,
  condition: Condition | null,
  { startIndex, count }: Page,
): Promise<{ rows: UserRow[]; total: number }> {
  const where = whereOf(condition, fields)
  const of = `from directory_users person where person.connection_id = ? and person.deleted_at is null and ${where.sql}`
  const values = [directory, ...where.values]
  const counted = await rowsWhere<{ total: number }>(db, `select count(*)::int as total ${of}`, values)
  const rows = await rowsWhere<UserRow>(db, `select ${shown} ${of} order by person.id limit ? offset ?`, [
    ...values,
    count,
    startIndex - 1,
  ])
  return { rows, total: counted[0]?.total ?? 0 }
}

const shown = `person.id, person.user_name, person.external_id, person.display_name, person.given_name, person.family_name,
  person.email, person.created_at, person.changed_at, ${isInSql} as is_in, (
    select coalesce(json_agg(json_build_object('id', told.id, 'name', told.display_name) order by told.id), '[]')
    from directory_group_members member join directory_groups told on told.id = member.directory_group_id
    where member.directory_user_id = person.id) as groups`

export async function maybeShownUser(db: Transaction, directory: string, id: string): Promise<UserRow | undefined> {
  const [found] = await db.rows<UserRow>(
    `select ${shown} from directory_users person
     where person.connection_id = $1 and person.id = $2 and person.deleted_at is null`,
    [directory, id],
  )
  return found
}

export const maybeDirectoryUser = (
  db: Identity,
  directory: string,
  id: string,
): Promise<DirectoryUsersRow | undefined> =>
  db('directory_users').select('*').where({ connection_id: directory, id }).whereNull('deleted_at').first()

/** Returns false when the directory has another of that name. */
export const claimUserName = async (db: Identity, row: DirectoryUsersRow): Promise<boolean> =>
  (
    await db('directory_users')
      .insert(row)
      .onConflict(db.raw('(connection_id, lower(user_name)) where deleted_at is null'))
      .ignore()
      .returning('id')
  ).length === 1

/** Forgets those that were deleted and bore that name. Returns who the last of them was, if it was anybody. */
export async function takeFormer(
  db: Identity,
  directory: string,
  userName: string,
): Promise<Pick<DirectoryUsersRow, 'user_id' | 'made_account'> | undefined> {
  const gone = await db('directory_users')
    .where({ connection_id: directory })
    .whereNotNull('deleted_at')
    .whereRaw('lower(user_name) = lower(?)', [userName])
    .delete()
    .returning(['user_id', 'made_account'])
  return gone.find(({ user_id }) => user_id !== null)
}

/** Whether the account was made by this directory, once. */
export const madeAccountOf = async (db: Identity, directory: string, userId: string): Promise<boolean> =>
  (await db('directory_users')
    .select('id')
    .where({ connection_id: directory, user_id: userId, made_account: true })
    .first()) !== undefined

export const isUserNameTaken = async (
  db: Identity,
  { connection_id, id }: Pick<DirectoryUsersRow, 'connection_id' | 'id'>,
  userName: string,
): Promise<boolean> =>
  (await db('directory_users')
    .select('id')
    .where({ connection_id })
    .whereNot({ id })
    .whereNull('deleted_at')
    .whereRaw('lower(user_name) = lower(?)', [userName])
    .first()) !== undefined

/** Another user of the directory who is the same person here. */
export const isPersonTaken = async (
  db: Identity,
  { connection_id, id }: Pick<DirectoryUsersRow, 'connection_id' | 'id'>,
  userId: string,
): Promise<boolean> =>
  (await db('directory_users')
    .select('id')
    .where({ connection_id, user_id: userId })
    .whereNot({ id })
    .whereNull('deleted_at')
    .first()) !== undefined

type Changes = Partial<Omit<DirectoryUsersRow, 'id' | 'connection_id' | 'team_id' | 'created_at'>>

export const updateUser = (db: Identity, id: string, changes: Changes): Promise<number> =>
  db('directory_users').update(changes).where({ id })

export const leaveGroups = (db: Identity, id: string): Promise<number> =>
  db('directory_group_members').where({ directory_user_id: id }).delete()

/** Of newcomers; null for none on the whole team. */
export const defaultRoleOf = async (db: Identity, connection: string) =>
  (await db('sign_in_connections').select('default_role').where({ id: connection }).first())?.default_role ?? null

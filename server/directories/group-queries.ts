import type { TeamTx } from '../platform/access/ctx.js'
import type { Transaction } from '../platform/db/doors.js'
import type { DirectoryGroupsRow } from '../platform/db/tables.js'
import { type Fields, rowsWhere, whereOf } from './filter-queries.js'
import type { Condition } from './scim/filters.js'
import type { GroupRow, Page } from './scim/resources.js'

const ofGroup = 'directory_group_members member where member.directory_group_id = told.id'

const fields = {
  id: { sql: 'told.id::text', kind: 'any case' },
  displayname: { sql: 'told.display_name', kind: 'any case' },
  externalid: { sql: 'told.external_id', kind: 'exact' },
  members: { sql: 'member.directory_user_id::text', kind: 'any case', among: ofGroup },
  'members.value': { sql: 'member.directory_user_id::text', kind: 'any case', among: ofGroup },
} as const satisfies Fields

export const groupFields: ReadonlySet<string> = new Set(Object.keys(fields))

/** Members may be many, so they are looked up only where they are shown. */
const columns = (withMembers: boolean): string =>
  `told.id, told.display_name, told.external_id, told.created_at, told.changed_at, ${
    withMembers ? membersSql : `'[]'::json`
  } as members`

const membersSql = `(select coalesce(json_agg(json_build_object(
    'id', person.id, 'name', coalesce(person.display_name, person.user_name)) order by person.id), '[]')
  from directory_group_members member join directory_users person on person.id = member.directory_user_id
  where member.directory_group_id = told.id)`

/** The oldest first, so that pages stay as they are while some are added. */
export async function groupsWhere(
  { db }: TeamTx,
  directory: string,
  condition: Condition | null,
  { startIndex, count, withMembers }: Page & { withMembers: boolean },
): Promise<{ rows: GroupRow[]; total: number }> {
  const where = whereOf(condition, fields)
  const of = `from directory_groups told where told.connection_id = ? and ${where.sql}`
  const values = [directory, ...where.values]
  const counted = await rowsWhere<{ total: number }>(db, `select count(*)::int as total ${of}`, values)
  const rows = await rowsWhere<GroupRow>(db, `select ${columns(withMembers)} ${of} order by told.id limit ? offset ?`, [
    ...values,
    count,
    startIndex - 1,
  ])
  return { rows, total: counted[0]?.total ?? 0 }
}

export async function maybeShownGroup(
  db: Transaction,
  directory: string,
  id: string,
  withMembers: boolean,
): Promise<GroupRow | undefined> {
  const [found] = await db.rows<GroupRow>(
    `select ${columns(withMembers)} from directory_groups told where told.connection_id = $1 and told.id = $2`,
    [directory, id],
  )
  return found
}

export const maybeGroup = ({ db }: TeamTx, directory: string, id: string): Promise<DirectoryGroupsRow | undefined> =>
  db('directory_groups').select('*').where({ connection_id: directory, id }).first()

/** Returns false when the directory has another of that name. */
export const claimGroup = async ({ db }: TeamTx, row: DirectoryGroupsRow): Promise<boolean> =>
  (
    await db('directory_groups')
      .insert(row)
      .onConflict(db.raw('(connection_id, lower(display_name))'))
      .ignore()
      .returning('id')
  ).length === 1

export const isGroupNameTaken = async (
  { db }: TeamTx,
  { connection_id, id }: DirectoryGroupsRow,
  name: string,
): Promise<boolean> =>
  (await db('directory_groups')
    .select('id')
    .where({ connection_id })
    .whereNot({ id })
    .whereRaw('lower(display_name) = lower(?)', [name])
    .first()) !== undefined

export const updateGroup = (
  { db }: TeamTx,
  id: string,
  changes: Partial<Pick<DirectoryGroupsRow, 'display_name' | 'external_id' | 'changed_at'>>,
): Promise<number> => db('directory_groups').update(changes).where({ id })

export const deleteGroup = ({ db }: TeamTx, id: string): Promise<number> =>
  db('directory_groups').where({ id }).delete()

export const memberIds = async ({ db }: TeamTx, id: string): Promise<string[]> =>
  (await db('directory_group_members').select('directory_user_id').where({ directory_group_id: id })).map(
    ({ directory_user_id }) => directory_user_id,
  )

/** Of those ids the ones of users of the directory, with their names. */
export const usersOf = (
  { db }: TeamTx,
  directory: string,
  ids: readonly string[],
): Promise<{ id: string; name: string }[]> =>
  db.rows(
    `select id, coalesce(display_name, user_name) as name from directory_users
     where connection_id = $1 and id = any($2::uuid[]) and deleted_at is null order by id`,
    [directory, ids],
  )

export const addMembers = async ({ db, ctx }: TeamTx, id: string, users: readonly string[]): Promise<void> => {
  const rows = users.map((user) => ({ directory_group_id: id, directory_user_id: user, team_id: ctx.team.id }))
  if (rows.length > 0) await db('directory_group_members').insert(rows)
}

export const dropMembers = async ({ db }: TeamTx, id: string, users: readonly string[]): Promise<void> =>
  void (await db.rows(
    'delete from directory_group_members where directory_group_id = $1 and directory_user_id = any($2::uuid[])',
    [id, users],
  ))

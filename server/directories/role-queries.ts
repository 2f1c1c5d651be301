import type { TeamTx } from '../platform/access/ctx.js'
import type { Transaction } from '../platform/db/doors.js'
import type { DirectoryRolesRow, RoleGrantsRow } from '../platform/db/tables.js'

/** Whose roles are looked at: one person's, or those of one group, or those of one mapping. */
export interface Scope {
  readonly directory: string
  readonly user?: string
  readonly group?: string
  readonly mapping?: string
}

/** What is held by a group, with the words for it. */
export interface Held {
  user_id: string
  user_name: string
  directory_role_id: string
  role: RoleGrantsRow['role']
  role_id: string | null
  site_id: string | null
  server_id: string | null
  group_id: string | null
  role_name: string
  own_permissions: string[] | null
  thing_name: string | null
  group_name: string
}

const heldColumns = `person.user_id, coalesce(person.display_name, person.user_name) as user_name,
  held.id as directory_role_id, held.role, held.role_id, held.site_id, held.server_id, held.group_id, held.role_name,
  held.thing_name, told.display_name as group_name,
  (select permissions from roles where roles.id = held.role_id) as own_permissions`

const inScope = `told.connection_id = $1 and ($2::uuid is null or person.id = $2) and ($3::uuid is null or told.id = $3)
  and ($4::uuid is null or held.id = $4)`

const valuesOf = ({ directory, user, group, mapping }: Scope) => [
  directory,
  user ?? null,
  group ?? null,
  mapping ?? null,
]

/** What members of groups should hold and do not yet: of those who are active, and in the team. */
export const missingRoles = (db: Transaction, scope: Scope): Promise<Held[]> =>
  db.rows<Held>(
    `select ${heldColumns}
     from directory_roles held
     join directory_groups told on told.id = held.directory_group_id
     join directory_group_members member on member.directory_group_id = told.id
     join directory_users person on person.id = member.directory_user_id and person.is_active
     join memberships membership on membership.team_id = person.team_id and membership.user_id = person.user_id
     where ${inScope} and not exists (select from role_grants
       where role_grants.user_id = person.user_id and role_grants.directory_role_id = held.id)
     order by person.id, held.id`,
    valuesOf(scope),
  )

/** A statement has at most 65,535 parameters, and a row eleven. */
const rowsAtOnce = 1000

export async function insertGrants(db: Transaction, rows: RoleGrantsRow[]): Promise<void> {
  for (let first = 0; first < rows.length; first += rowsAtOnce)
    await db('role_grants')
      .insert(rows.slice(first, first + rowsAtOnce))
      .onConflict()
      .ignore()
}

/** Takes what nobody should hold by a group any more, or, when `all` is set, whatever is held by it. */
export const takeRoles = (db: Transaction, scope: Scope, { all }: { all: boolean }): Promise<Held[]> =>
  db.rows<Held>(
    `with taken as (
       delete from role_grants
       using directory_roles held, directory_groups told, directory_users person
       where held.id = role_grants.directory_role_id and told.id = held.directory_group_id
         and person.connection_id = told.connection_id and person.user_id = role_grants.user_id and person.deleted_at is null
         and ${inScope} and ($5 or not person.is_active or not exists (select from directory_group_members member
           where member.directory_group_id = told.id and member.directory_user_id = person.id))
       returning ${heldColumns})
     select * from taken order by user_id, directory_role_id`,
    [...valuesOf(scope), all],
  )

/** With the names of today. */
export type ShownMapping = DirectoryRolesRow & {
  own_name: string | null
  own_permissions: string[] | null
  site_name: string | null
  server_name: string | null
  site_group_name: string | null
  told_name: string
}

const shownMappings = `select held.id, held.team_id, held.directory_group_id, held.role, held.role_id, held.site_id, held.server_id,
    held.group_id, held.role_name, held.thing_name, held.created_by, held.created_at, own.name as own_name,
    own.permissions as own_permissions, told.display_name as told_name,
    site.name as site_name, server.name as server_name, site_group.name as site_group_name
  from directory_roles held
  join directory_groups told on told.id = held.directory_group_id
  left join roles own on own.id = held.role_id
  left join sites site on site.id = held.site_id
  left join servers server on server.id = held.server_id
  left join site_groups site_group on site_group.id = held.group_id
  where told.connection_id = $1`

export const mappingsOf = ({ db }: TeamTx, directory: string): Promise<ShownMapping[]> =>
  db.rows<ShownMapping>(`${shownMappings} order by held.id`, [directory])

export const maybeMapping = async ({ db }: TeamTx, directory: string, id: string): Promise<ShownMapping | undefined> =>
  (await db.rows<ShownMapping>(`${shownMappings} and held.id = $2`, [directory, id]))[0]

/** Returns false when the group holds just that already. */
export const claimMapping = async ({ db }: TeamTx, row: DirectoryRolesRow): Promise<boolean> =>
  (await db('directory_roles').insert(row).onConflict().ignore().returning('id')).length === 1

export const deleteMapping = ({ db }: TeamTx, id: string): Promise<number> =>
  db('directory_roles').where({ id }).delete()

export interface GroupWithCount {
  id: string
  name: string
  members: number
}

/** For a person to choose from, by name. */
export const groupsToMap = ({ db }: TeamTx, directory: string, most: number): Promise<GroupWithCount[]> =>
  db.rows<GroupWithCount>(
    `select told.id, told.display_name as name, (select count(*) from directory_group_members member
       where member.directory_group_id = told.id)::int as members
     from directory_groups told where told.connection_id = $1 order by lower(told.display_name), told.id limit $2`,
    [directory, most],
  )

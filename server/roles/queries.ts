import type { TeamTx } from '../platform/access/ctx.js'
import type { Role } from '../platform/access/roles.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { RoleGrantsRow, RolesRow } from '../platform/db/tables.js'
import { seesGroups } from './rules.js'

/** What somebody holds in a team as JSON, the role on the whole team first; for a statement that has `membership`. */
export const holdingsSql = `(
  select coalesce(json_agg(json_build_object('role', held.role, 'permissions', held.permissions, 'on', held.held_on)), '[]')
  from (
    select membership.role, null::text[] as permissions, null::json as held_on where membership.role is not null
    union all
    select role_grant.role, own.permissions, case
      when role_grant.site_id is not null then json_build_object('kind', 'site', 'id', role_grant.site_id)
      when role_grant.server_id is not null then json_build_object('kind', 'server', 'id', role_grant.server_id)
      when role_grant.group_id is not null then json_build_object('kind', 'group', 'id', role_grant.group_id) end
    from role_grants role_grant left join roles own on own.id = role_grant.role_id
    where role_grant.user_id = membership.user_id and role_grant.team_id = membership.team_id
  ) held)`

export type OwnRole = RolesRow & { holders: number }

const ofTeam = (tx: TeamTx) => tx.db('roles as role').where({ 'role.team_id': tx.ctx.team.id })

/** With how many people hold each. */
const held = (tx: TeamTx) =>
  ofTeam(tx)
    .select('role.id', 'role.team_id', 'role.name', 'role.permissions', 'role.created_at')
    .select<OwnRole[]>(
      tx.db.raw('(select count(distinct user_id) from role_grants where role_id = role.id)::int as holders'),
    )

export const ownRoles = (tx: TeamTx): Promise<OwnRole[]> => held(tx).orderByRaw('lower(role.name)')

export const maybeOwnRole = async (tx: TeamTx, id: string): Promise<OwnRole | undefined> =>
  (await held(tx).where({ 'role.id': id }).limit(1))[0]

/** How many people hold each of the built-in roles, on whatever. */
export const builtInHolders = (tx: TeamTx): Promise<{ role: Role; holders: number }[]> =>
  tx.db.rows(
    `select role, count(distinct user_id)::int as holders from (
       select role, user_id from memberships where team_id = $1 union all select role, user_id from role_grants where team_id = $1
     ) given where role is not null group by role`,
    [tx.ctx.team.id],
  )

/** Returns false when the team has a role of that name. */
export const claimRole = async (tx: TeamTx, row: RolesRow): Promise<boolean> =>
  (
    await tx.db.rows<{ id: string }>(
      `insert into roles (id, team_id, name, permissions, created_at) values ($1, $2, $3, $4, $5)
     on conflict (team_id, lower(name)) do nothing returning id`,
      [row.id, row.team_id, row.name, row.permissions, row.created_at],
    )
  ).length === 1

export const otherRoleNamed = async (tx: TeamTx, id: string, name: string): Promise<boolean> =>
  (await ofTeam(tx)
    .whereRaw('lower(role.name) = lower(?)', [name])
    .whereNot({ 'role.id': id })
    .select('role.id')
    .first()) !== undefined

export const updateRole = (tx: TeamTx, id: string, changes: Pick<RolesRow, 'name' | 'permissions'>): Promise<number> =>
  tx.db('roles').where({ team_id: tx.ctx.team.id, id }).update(changes)

export const deleteRole = (tx: TeamTx, id: string): Promise<number> =>
  tx.db('roles').where({ team_id: tx.ctx.team.id, id }).delete()

/** Returns false when they hold just that already. */
export const claimGrant = async (
  db: TransactionOf<'team'> | TransactionOf<'identity'>,
  row: RoleGrantsRow,
): Promise<boolean> =>
  (
    await db.rows<{ id: string }>(
      `insert into role_grants
       (id, team_id, user_id, role, role_id, site_id, server_id, group_id, granted_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing returning id`,
      [
        row.id,
        row.team_id,
        row.user_id,
        row.role,
        row.role_id,
        row.site_id,
        row.server_id,
        row.group_id,
        row.granted_by,
        row.created_at,
      ],
    )
  ).length === 1

/** With the names of the role and of what it is held on. */
export type ShownGrant = RoleGrantsRow & {
  own_name: string | null
  own_permissions: string[] | null
  site_name: string | null
  server_name: string | null
  group_name: string | null
  /** The group of a directory that gives it; null for what was given by hand. */
  by_directory: string | null
}

export const grantsOf = (tx: TeamTx, userId: string): Promise<ShownGrant[]> =>
  tx.db.rows<ShownGrant>(
    `select role_grant.id, role_grant.team_id, role_grant.user_id, role_grant.role, role_grant.role_id, role_grant.site_id,
       role_grant.server_id, role_grant.group_id, role_grant.granted_by, role_grant.created_at, role_grant.directory_role_id,
       'the group ' || told.display_name || ' of ' || connection.name as by_directory,
       own.name as own_name, own.permissions as own_permissions, site.name as site_name, server.name as server_name,
       site_group.name as group_name
     from role_grants role_grant
     left join roles own on own.id = role_grant.role_id
     left join sites site on site.id = role_grant.site_id
     left join servers server on server.id = role_grant.server_id
     left join site_groups site_group on site_group.id = role_grant.group_id
     left join directory_roles held on held.id = role_grant.directory_role_id
     left join directory_groups told on told.id = held.directory_group_id
     left join sign_in_connections connection on connection.id = told.connection_id
     where role_grant.team_id = $1 and role_grant.user_id = $2
     order by role_grant.created_at, role_grant.id`,
    [tx.ctx.team.id, userId],
  )

export const deleteGrant = (tx: TeamTx, userId: string, id: string): Promise<number> =>
  tx.db('role_grants').where({ team_id: tx.ctx.team.id, user_id: userId, id }).delete()

/** Keeps them in the team until the end of the transaction. Returns whether they are. */
export const lockMembership = async (tx: TeamTx, userId: string): Promise<boolean> =>
  (await tx
    .db('memberships')
    .where({ team_id: tx.ctx.team.id, user_id: userId })
    .select('user_id')
    .forShare()
    .first()) !== undefined

export const maybeGroupId = async (tx: TeamTx, name: string): Promise<string | undefined> =>
  seesGroups(tx.ctx)
    ? (
        await tx
          .db('site_groups')
          .where({ team_id: tx.ctx.team.id })
          .whereRaw('lower(name) = lower(?)', [name])
          .select('id')
          .first()
      )?.id
    : undefined

/** Names to choose from while typing; whoever has more types the rest. Groups by `seesGroups`. */
export const someThings = async (tx: TeamTx): Promise<{ slug: string; name: string; kind: string }[]> =>
  tx.db.rows(
    `(select slug, name, 'site' as kind from sites where team_id = $1 and preview_of is null order by name limit 100)
     union all (select slug, name, 'server' from servers where team_id = $1 order by name limit 100)
     union all (select name, name, 'group' from site_groups where team_id = $1 and $2 order by name limit 100)`,
    [tx.ctx.team.id, seesGroups(tx.ctx)],
  )

import { type Closed, closedSql } from '../platform/access/closed.js'
import type { TeamTx } from '../platform/access/ctx.js'
import type { Role } from '../platform/access/roles.js'
import type { Transaction, TransactionOf } from '../platform/db/doors.js'
import type { MembershipsRow, TeamsRow } from '../platform/db/tables.js'

type Identity = TransactionOf<'identity'>

export interface Membership {
  id: string
  slug: string
  name: string
  /** On the whole team; null for who holds roles on parts of it alone. */
  role: Role | null
  closed: Closed | null
  deleteAfter: Date | null
}

export interface Member {
  id: string
  name: string
  email: string
  role: Role | null
  since: Date
  /** By the operator: they cannot sign in. */
  isSuspended: boolean
}

export type NewTeam = Pick<TeamsRow, 'id' | 'slug' | 'name' | 'created_at'>

/** Returns false when the slug is taken. */
export const claimSlug = async (db: Identity, row: NewTeam): Promise<boolean> =>
  (await db('teams').insert(row).onConflict('slug').ignore().returning('id')).length === 1

export const insertMembership = async (db: Identity, row: MembershipsRow): Promise<void> =>
  void (await db('memberships').insert(row))

export const claimMembership = async (db: Identity, row: MembershipsRow): Promise<boolean> =>
  (await db('memberships').insert(row).onConflict(['team_id', 'user_id']).ignore().returning('user_id')).length === 1

export const isMember = async (db: Identity, teamId: string, userId: string): Promise<boolean> =>
  (await db('memberships').select('user_id').where({ team_id: teamId, user_id: userId }).first()) !== undefined

/** Those that the session opens: what a team's own sign-in began opens that team alone. */
export const membershipsOf = (db: Identity, userId: string, session: Buffer | null): Promise<Membership[]> =>
  db('memberships as membership')
    .join('teams as team', 'team.id', 'membership.team_id')
    .join('users as person', 'person.id', 'membership.user_id')
    .where('membership.user_id', userId)
    .whereNull('person.disabled_at')
    .whereRaw(
      `not exists (select from sessions session join sign_in_connections connection on connection.id = session.connection_id
         where session.id_hash = ? and connection.team_id <> team.id)`,
      [session],
    )
    .select<Membership[]>(...ofTeam(db), 'membership.role')
    .orderBy('team.name')
    .orderBy('team.id')

export const teamsOfKey = (db: Identity, keyId: string): Promise<Membership[]> =>
  db('api_keys as key')
    .join('teams as team', 'team.id', 'key.team_id')
    .where('key.id', keyId)
    .select<Membership[]>(...ofTeam(db), 'key.role')

const ofTeam = (db: Identity) => [
  'team.id',
  'team.slug',
  'team.name',
  'team.delete_after as deleteAfter',
  db.raw(`${closedSql} as closed`),
]

/** The owners' own row, so that two who make teams at once are counted one after the other. */
export async function lockAndCountOwned(db: Identity, userId: string): Promise<number> {
  await db('users').select('id').where({ id: userId }).forNoKeyUpdate().first()
  const [row] = await db('memberships').where({ user_id: userId, role: 'owner' }).count({ owned: '*' })
  return Number(row?.owned)
}

export const membersOf = (db: Identity, teamId: string): Promise<Member[]> =>
  members(db, teamId).orderBy('person.name').orderBy('person.id')

export const maybeMember = (db: Identity, teamId: string, userId: string): Promise<Member | undefined> =>
  members(db, teamId).where('person.id', userId).first()

const members = (db: Identity, teamId: string) =>
  db('memberships as membership')
    .join('users as person', 'person.id', 'membership.user_id')
    .where('membership.team_id', teamId)
    .select<Member[]>(
      'person.id',
      'person.name',
      'person.email',
      'membership.role',
      'membership.created_at as since',
      db.raw('person.disabled_at is not null as "isSuspended"'),
    )

/**
 * Who is in the team, and as what, changes for one at a time. What only refers to the team does not wait: two who wait for
 * each other would both fail.
 */
export const lockTeam = async (db: Transaction, teamId: string): Promise<void> =>
  void (await db('teams').select('id').where({ id: teamId }).forNoKeyUpdate().first())

const ownersOf = (db: Identity, teamId: string): Promise<string[]> =>
  db('memberships as membership')
    .join('users as person', 'person.id', 'membership.user_id')
    .where({ 'membership.team_id': teamId, 'membership.role': 'owner' })
    .whereNull('person.disabled_at')
    .pluck('person.id')

/** The owner who is named for the day on which the sign-in fails that the team requires; null where it requires none. */
const breakGlassOf = async (db: Identity, teamId: string): Promise<string | null> =>
  (await db('sign_in_requirements').select('break_glass_user_id').where({ team_id: teamId }).first())
    ?.break_glass_user_id ?? null

/** What is asked before somebody owns the team no longer. */
export interface Owning {
  /** Who can sign in. */
  readonly owners: readonly string[]
  readonly breakGlass: string | null
}

export const owningOf = async (db: Identity, teamId: string): Promise<Owning> => ({
  owners: await ownersOf(db, teamId),
  breakGlass: await breakGlassOf(db, teamId),
})

export const updateRole = async (db: Identity, teamId: string, userId: string, role: Role): Promise<void> =>
  void (await db('memberships').update({ role }).where({ team_id: teamId, user_id: userId }))

export const deleteMembership = (db: Identity, teamId: string, userId: string): Promise<number> =>
  db('memberships').where({ team_id: teamId, user_id: userId }).delete()

/** Those of their own that somebody made in this team; the team's stay. They open nothing without their maker, and shall not when that one comes back. */
export const revokeKeysOf = (db: Identity, teamId: string, userId: string, now: Date): Promise<number> =>
  db('api_keys')
    .update({ revoked_at: now })
    .where({ team_id: teamId, created_by: userId, owner: 'person' })
    .whereNull('revoked_at')

export const updateTeamName = (tx: TeamTx, name: string): Promise<number> =>
  tx.db('teams').update({ name }).where({ id: tx.ctx.team.id }).whereNot({ name })

export const maybeState = (tx: TeamTx): Promise<Pick<TeamsRow, 'delete_after' | 'suspended_at'> | undefined> =>
  tx.db('teams').select('delete_after', 'suspended_at').where({ id: tx.ctx.team.id }).first()

export interface HeldGrant {
  role: Role | null
  permissions: string[] | null
  kind: 'team' | 'group' | 'server' | 'site'
  /** The site or server; null for all of the team and for a group, which may hold any site. */
  thing: string | null
}

/** What somebody holds besides their role in the team. */
export const grantsOf = (db: Identity, teamId: string, userId: string): Promise<HeldGrant[]> =>
  db.rows(
    `select role_grant.role, own.permissions, coalesce(role_grant.site_id, role_grant.server_id) as thing,
       case when role_grant.site_id is not null then 'site' when role_grant.server_id is not null then 'server'
         when role_grant.group_id is not null then 'group' else 'team' end as kind
     from role_grants role_grant left join roles own on own.id = role_grant.role_id
     where role_grant.team_id = $1 and role_grant.user_id = $2`,
    [teamId, userId],
  )

import type { Role } from '../platform/access/roles.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { MembershipsRow, TeamsRow } from '../platform/db/tables.js'

type Identity = TransactionOf<'identity'>

export interface Membership {
  id: string
  slug: string
  name: string
  /** On the whole team; null for who holds roles on parts of it alone. */
  role: Role | null
}

export interface Member {
  id: string
  name: string
  email: string
  role: Role | null
  since: Date
}

/** Returns false when the slug is taken. */
export const claimSlug = async (db: Identity, row: TeamsRow): Promise<boolean> =>
  (await db('teams').insert(row).onConflict('slug').ignore().returning('id')).length === 1

export const insertMembership = async (db: Identity, row: MembershipsRow): Promise<void> =>
  void (await db('memberships').insert(row))

export const claimMembership = async (db: Identity, row: MembershipsRow): Promise<boolean> =>
  (await db('memberships').insert(row).onConflict(['team_id', 'user_id']).ignore().returning('user_id')).length === 1

export const isMember = async (db: Identity, teamId: string, userId: string): Promise<boolean> =>
  (await db('memberships').select('user_id').where({ team_id: teamId, user_id: userId }).first()) !== undefined

export const membershipsOf = (db: Identity, userId: string): Promise<Membership[]> =>
  memberships(db, userId).orderBy('team.name').orderBy('team.id')

export const teamsOfKey = (db: Identity, keyId: string): Promise<Membership[]> =>
  db('api_keys as key')
    .join('teams as team', 'team.id', 'key.team_id')
    .where('key.id', keyId)
    .select('team.id', 'team.slug', 'team.name', 'key.role')

const memberships = (db: Identity, userId: string) =>
  db('memberships as membership')
    .join('teams as team', 'team.id', 'membership.team_id')
    .join('users as person', 'person.id', 'membership.user_id')
    .where('membership.user_id', userId)
    .whereNull('person.disabled_at')
    .select('team.id', 'team.slug', 'team.name', 'membership.role')

export const membersOf = (db: Identity, teamId: string): Promise<Member[]> =>
  db('memberships as membership')
    .join('users as person', 'person.id', 'membership.user_id')
    .where('membership.team_id', teamId)
    .select('person.id', 'person.name', 'person.email', 'membership.role', 'membership.created_at as since')
    .orderBy('person.name')
    .orderBy('person.id')

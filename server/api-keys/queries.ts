import type { Holding } from '../platform/access/access.js'
import { type Closed, closedSql } from '../platform/access/closed.js'
import type { TeamTx } from '../platform/access/ctx.js'
import type { Role } from '../platform/access/roles.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { ApiKeysRow } from '../platform/db/tables.js'
import { holdingsSql } from '../roles/roles.js'
import { hasFactorSql } from '../sessions/sessions.js'

type Identity = TransactionOf<'identity'>

export interface UsableKey {
  id: string
  team_id: string
  name: string
  last_used_at: Date | null
}

export interface KeyAccess {
  id: string
  slug: string
  name: string
  key_role: Role
  /** What its maker holds in the team today. */
  creator_holdings: Holding[]
  closed: Closed | null
  /** The team, or the panel, requires a second factor, and its maker has none. */
  is_shut: boolean
}

export interface ListedKey extends Omit<ApiKeysRow, 'key_hash' | 'team_id'> {
  creator_name: string | null
}

export const insertKey = async ({ db }: TeamTx, row: ApiKeysRow): Promise<void> =>
  void (await db('api_keys').insert(row))

/** A key that opens something: not over, and its maker is still in the team. */
export const maybeUsableKey = (db: Identity, keyHash: Buffer, now: Date): Promise<UsableKey | undefined> =>
  usableKeys(db, now)
    .where('key.key_hash', keyHash)
    .select('key.id', 'key.team_id', 'key.name', 'key.last_used_at')
    .first()

/** The team, if it is the key's own, with the role of the key and what its maker holds today: one question. */
export const maybeKeyAccess = (db: Identity, id: string, slug: string, now: Date): Promise<KeyAccess | undefined> =>
  usableKeys(db, now)
    .join('teams as team', 'team.id', 'key.team_id')
    .where({ 'key.id': id, 'team.slug': slug })
    .select('team.id', 'team.slug', 'team.name', 'key.role as key_role')
    .select<KeyAccess[]>(db.raw(`${holdingsSql} as creator_holdings, ${closedSql} as closed, ${isShutSql} as is_shut`))
    .first()

const isShutSql = `(exists (
    select from sign_in_rules rule where rule.requires_factor and (rule.team_id is null or rule.team_id = team.id))
  and not ${hasFactorSql('person.id')})`

const usableKeys = (db: Identity, now: Date) =>
  db('api_keys as key')
    .join('memberships as membership', (join) =>
      join.on('membership.user_id', 'key.created_by').andOn('membership.team_id', 'key.team_id'),
    )
    .join('users as person', 'person.id', 'key.created_by')
    .whereNull('person.disabled_at')
    .whereNull('key.revoked_at')
    .where((open) => open.whereNull('key.expires_at').orWhere('key.expires_at', '>', now))

/** How many were marked: none, when somebody else has since `before`. */
export const markUsed = (db: Identity, id: string, before: Date | null, now: Date): Promise<number> =>
  db('api_keys')
    .update({ last_used_at: now })
    .where(before === null ? { id } : { id, last_used_at: before })
    .modify((query) => {
      if (before === null) query.whereNull('last_used_at')
    })

/** The newest first; one person's when `createdBy` is given. */
export const keysOf = (db: Identity, teamId: string, createdBy: string | null): Promise<ListedKey[]> =>
  db('api_keys as key')
    .leftJoin('users as person', 'person.id', 'key.created_by')
    .where('key.team_id', teamId)
    .modify((query) => (createdBy === null ? query : query.where('key.created_by', createdBy)))
    .select(
      'key.id',
      'key.created_by',
      'key.name',
      'key.role',
      'key.prefix',
      'key.last_used_at',
      'key.expires_at',
      'key.revoked_at',
      'key.created_at',
      'person.name as creator_name',
    )
    .orderBy('key.id', 'desc')

/** Undefined when it was not there, was somebody else's (`createdBy`), or was revoked before. */
export const revokeKey = async (
  { db }: TeamTx,
  id: string,
  createdBy: string | null,
  now: Date,
): Promise<{ name: string; prefix: string } | undefined> => {
  const [row] = await db('api_keys')
    .update({ revoked_at: now })
    .where({ id })
    .whereNull('revoked_at')
    .modify((query) => void (createdBy === null ? query : query.where({ created_by: createdBy })))
    .returning(['name', 'prefix'])
  return row
}

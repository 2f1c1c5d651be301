import type { Holding } from '../platform/access/access.js'
import { type Closed, closedSql } from '../platform/access/closed.js'
import type { TeamTx } from '../platform/access/ctx.js'
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
  networks: string[]
  is_publishable: boolean
}

export interface KeyAccess {
  id: string
  slug: string
  name: string
  key_holding: Holding
  /** What its maker holds in the team today; null for the team's own keys, which are nobody's. */
  creator_holdings: Holding[] | null
  closed: Closed | null
  /** The team, or the panel, requires a second factor, and its maker has none. */
  is_shut: boolean
}

export type ListedKey = Omit<ApiKeysRow, 'key_hash' | 'team_id'> & {
  thing_name: string | null
}

export const insertKey = async ({ db }: TeamTx, row: ApiKeysRow): Promise<void> =>
  void (await db('api_keys').insert(row))

/** A key that opens something: not over, and its maker is still in the team, unless it is the team's own. */
export const maybeUsableKey = (db: Identity, keyHash: Buffer, now: Date): Promise<UsableKey | undefined> =>
  usableKeys(db, now)
    .where('key.key_hash', keyHash)
    .select('key.id', 'key.team_id', 'key.name', 'key.last_used_at', 'key.networks', 'key.is_publishable')
    .first()

export type KnownKey = Pick<ApiKeysRow, 'id' | 'team_id' | 'name' | 'revoked_at' | 'expires_at'>

/** Whether or not it opens anything. */
export const maybeKnownKey = (db: Identity, keyHash: Buffer): Promise<KnownKey | undefined> =>
  db('api_keys').where({ key_hash: keyHash }).select('id', 'team_id', 'name', 'revoked_at', 'expires_at').first()

/** The team, if it is the key's own, with what the key holds and what its maker holds today: one question. */
export const maybeKeyAccess = (db: Identity, id: string, slug: string, now: Date): Promise<KeyAccess | undefined> =>
  usableKeys(db, now)
    .join('teams as team', 'team.id', 'key.team_id')
    .where({ 'key.id': id, 'team.slug': slug })
    .select('team.id', 'team.slug', 'team.name')
    .select<KeyAccess[]>(
      db.raw(`${keyHoldingSql} as key_holding, case when key.owner = 'person' then ${holdingsSql} end as creator_holdings,
        ${closedSql} as closed, ${isShutSql} as is_shut`),
    )
    .first()

const keyHoldingSql = `json_build_object('role', key.role, 'permissions', key.permissions, 'on', case
    when key.site_id is not null then json_build_object('kind', 'site', 'id', key.site_id)
    when key.server_id is not null then json_build_object('kind', 'server', 'id', key.server_id)
    when key.group_id is not null then json_build_object('kind', 'group', 'id', key.group_id) end)`

const isShutSql = `(key.owner = 'person' and exists (
    select from sign_in_rules rule where rule.requires_factor and (rule.team_id is null or rule.team_id = team.id))
  and not ${hasFactorSql('person.id')})`

const usableKeys = (db: Identity, now: Date) =>
  db('api_keys as key')
    .leftJoin('memberships as membership', (join) =>
      join.on('membership.user_id', 'key.created_by').andOn('membership.team_id', 'key.team_id'),
    )
    .leftJoin('users as person', 'person.id', 'key.created_by')
    .whereRaw(`(key.owner = 'team' or membership.user_id is not null and person.disabled_at is null)`)
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

/** The newest first; one person's own when `createdBy` is given. */
export const keysOf = (tx: TeamTx, createdBy: string | null): Promise<ListedKey[]> =>
  keys(tx)
    .modify((query) => void (createdBy === null ? query : query.where(ownedBy(createdBy))))
    .orderBy('key.id', 'desc')

export const lockKey = (tx: TeamTx, id: string, createdBy: string | null): Promise<ListedKey | undefined> =>
  keys(tx)
    .where({ 'key.id': id })
    .whereNull('key.revoked_at')
    .modify((query) => void (createdBy === null ? query : query.where(ownedBy(createdBy))))
    .forUpdate('key')
    .first()

const ownedBy = (userId: string) => ({ 'key.created_by': userId, 'key.owner': 'person' })

const keys = (tx: TeamTx) =>
  tx
    .db('api_keys as key')
    .leftJoin('sites as site', 'site.id', 'key.site_id')
    .leftJoin('servers as server', 'server.id', 'key.server_id')
    .leftJoin('site_groups as site_group', 'site_group.id', 'key.group_id')
    .where('key.team_id', tx.ctx.team.id)
    .select<ListedKey[]>(
      'key.id',
      'key.created_by',
      'key.name',
      'key.role',
      'key.permissions',
      'key.owner',
      'key.is_publishable',
      'key.site_id',
      'key.server_id',
      'key.group_id',
      'key.networks',
      'key.replaced_by',
      'key.prefix',
      'key.last_used_at',
      'key.expires_at',
      'key.revoked_at',
      'key.created_at',
      tx.db.raw('coalesce(site.name, server.name, site_group.name) as thing_name'),
    )

export const maybeMaker = async (tx: TeamTx, id: string | null): Promise<string | null> =>
  (
    await tx
      .db('api_keys')
      .select('created_by')
      .where({ team_id: tx.ctx.team.id, owner: 'person' })
      .where('id', id)
      .first()
  )?.created_by ?? null

export const namesOf = (db: Identity, userIds: readonly string[]): Promise<{ id: string; name: string }[]> =>
  db('users')
    .select('id', 'name')
    .whereIn('id', [...userIds])

export const replaceKey = (tx: TeamTx, id: string, by: string, endsAt: Date): Promise<number> =>
  tx.db('api_keys').where({ team_id: tx.ctx.team.id, id }).update({ replaced_by: by, expires_at: endsAt })

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
    .modify((query) => void (createdBy === null ? query : query.where({ created_by: createdBy, owner: 'person' })))
    .returning(['name', 'prefix'])
  return row
}

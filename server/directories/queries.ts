import { type Closed, closedSql } from '../platform/access/closed.js'
import type { Actor, TeamTx } from '../platform/access/ctx.js'
import type { Transaction, TransactionOf } from '../platform/db/doors.js'
import type { DirectoryTokensRow } from '../platform/db/tables.js'
import { lockTeam } from '../teams/teams.js'

type Identity = TransactionOf<'identity'>

/**
 * What a directory tells changes one after the other, for people and their groups decide together what is held; and none of
 * it while somebody else changes who is in the team.
 */
export async function lockDirectory(db: Transaction, id: string, teamId: string): Promise<void> {
  await db.raw('select pg_advisory_xact_lock(hashtextextended(?, 161))', [id])
  await lockTeam(db, teamId)
}

export interface UsableToken {
  id: string
  team_id: string
  team_slug: string
  team_name: string
  connection_name: string
  permissions: string[]
  role: DirectoryTokensRow['role']
  closed: Closed | null
  last_used_at: Date | null
}

/** Undefined for one that is over, and for another directory's. */
export async function maybeUsableToken(
  db: Identity,
  hash: Buffer,
  directory: string,
  now: Date,
): Promise<UsableToken | undefined> {
  const [found] = await db.rows<UsableToken>(
    `select token.id, token.team_id, team.slug as team_slug, team.name as team_name, connection.name as connection_name,
       token.permissions, token.role, token.last_used_at, ${closedSql} as closed
     from directory_tokens token
     join sign_in_connections connection on connection.id = token.connection_id
     join teams team on team.id = token.team_id
     where token.token_hash = $1 and token.connection_id = $2 and token.expires_at > $3 and token.revoked_at is null`,
    [hash, directory, now],
  )
  return found
}

/** How many were marked: none, when somebody else has since `before`. */
export const markUsed = (db: Identity, id: string, before: Date | null, now: Date): Promise<number> =>
  db('directory_tokens')
    .update({ last_used_at: now })
    .where({ id })
    .whereRaw('last_used_at is not distinct from ?', [before])

const shown = [
  'id',
  'prefix',
  'permissions',
  'created_by',
  'created_at',
  'expires_at',
  'last_used_at',
  'replaced_by',
  'revoked_at',
] as const

export type ListedToken = Pick<DirectoryTokensRow, (typeof shown)[number]>

/** All that still open something, then what is over, the newest first, as many as `mostOver`. */
export const tokensOf = async (
  { db }: TeamTx,
  directory: string,
  mostOver: number,
  now: Date,
): Promise<ListedToken[]> => {
  const tokens = () => db('directory_tokens').select(shown).where({ connection_id: directory }).orderBy('id', 'desc')
  const isGood = 'revoked_at is null and expires_at > ?'
  return [
    ...(await tokens().whereRaw(isGood, [now])),
    ...(await tokens().whereRaw(`not (${isGood})`, [now]).limit(mostOver)),
  ]
}

export const lockToken = ({ db }: TeamTx, directory: string, id: string): Promise<ListedToken | undefined> =>
  db('directory_tokens').select(shown).where({ connection_id: directory, id }).forUpdate().first()

/** The built-in role of a person on the whole team. A key has none of its own: it may what was chosen for it. */
export const roleOf = async ({ db, ctx }: TeamTx, { kind, id }: Actor): Promise<DirectoryTokensRow['role']> =>
  kind === 'user' && id !== null
    ? ((await db('memberships').select('role').where({ team_id: ctx.team.id, user_id: id }).first())?.role ?? null)
    : null

export const insertToken = async ({ db }: TeamTx, row: DirectoryTokensRow): Promise<void> =>
  void (await db('directory_tokens').insert(row))

export const replaceToken = ({ db }: TeamTx, id: string, by: string, endsAt: Date): Promise<number> =>
  db('directory_tokens').update({ replaced_by: by, expires_at: endsAt }).where({ id })

export const revokeToken = ({ db }: TeamTx, id: string, now: Date): Promise<number> =>
  db('directory_tokens').update({ revoked_at: now }).where({ id }).whereNull('revoked_at')

/** How many people and groups the directory has told of. */
export async function countsOf({ db }: TeamTx, directory: string): Promise<{ people: number; groups: number }> {
  const [row] = await db.rows<{ people: number; groups: number }>(
    `select (select count(*) from directory_users where connection_id = $1 and deleted_at is null)::int as people,
       (select count(*) from directory_groups where connection_id = $1)::int as groups`,
    [directory],
  )
  return row ?? { people: 0, groups: 0 }
}

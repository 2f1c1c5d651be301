import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { TeamsRow } from '../platform/db/tables.js'

type System = TransactionOf<'system'>

export type Deletion = Pick<
  TeamsRow,
  'name' | 'delete_requested_at' | 'delete_requested_by' | 'delete_after' | 'removal_begun_at'
>

const columns = ['name', 'delete_requested_at', 'delete_requested_by', 'delete_after', 'removal_begun_at'] as const

export const maybeDeletion = (tx: TeamTx): Promise<Deletion | undefined> =>
  tx
    .db('teams')
    .select(...columns)
    .where({ id: tx.ctx.team.id })
    .first()

/** Waits for whoever changes the same. */
export const lockDeletion = (tx: TeamTx): Promise<Deletion | undefined> =>
  tx
    .db('teams')
    .select(...columns)
    .where({ id: tx.ctx.team.id })
    .forUpdate()
    .first()

export const updateDeletion = (tx: TeamTx, change: Partial<Omit<Deletion, 'name'>>): Promise<number> =>
  tx.db('teams').update(change).where({ id: tx.ctx.team.id })

type Named = { id: string; name: string }

export const sitesIn = (tx: TeamTx): Promise<(Named & { isPreview: boolean; server_id: string })[]> =>
  tx
    .db('sites')
    .select<(Named & { isPreview: boolean; server_id: string })[]>(
      'id',
      'name',
      'server_id',
      tx.db.raw('preview_of is not null as "isPreview"'),
    )
    .where({ team_id: tx.ctx.team.id })
    .orderBy('name')

export const serversIn = (tx: TeamTx): Promise<(Named & { status: string })[]> =>
  tx.db('servers').select('id', 'name', 'status').where({ team_id: tx.ctx.team.id }).orderBy('name')

export const domainsIn = async (tx: TeamTx): Promise<string[]> =>
  (await tx.db('domains').select('name').where({ team_id: tx.ctx.team.id }).orderBy('name')).map(({ name }) => name)

export async function countsIn(tx: TeamTx): Promise<{ apiKeys: number; connections: number }> {
  const [keys] = await tx
    .db('api_keys')
    .where({ team_id: tx.ctx.team.id })
    .whereNull('revoked_at')
    .count({ count: '*' })
  const [connections] = await tx.db('repository_connections').where({ team_id: tx.ctx.team.id }).count({ count: '*' })
  return { apiKeys: Number(keys?.count), connections: Number(connections?.count) }
}

/** When its last removal ended without success, and whether one is under way. */
export async function removalOf(tx: TeamTx, subject: string): Promise<{ failedAt: Date | null; isOpen: boolean }> {
  const [row] = await tx.db.rows<{ failed_at: Date | null; is_open: boolean }>(
    `select max(ended_at) filter (where status in ('failed', 'cancelled')) as failed_at,
       coalesce(bool_or(status in ('queued', 'running')), false) as is_open
     from operations where team_id = $1 and subject = $2 and kind = 'remove-site'`,
    [tx.ctx.team.id, subject],
  )
  return { failedAt: row?.failed_at ?? null, isOpen: row?.is_open ?? false }
}

export async function openOperations(tx: TeamTx): Promise<number> {
  const [row] = await tx
    .db('operations')
    .where({ team_id: tx.ctx.team.id })
    .whereIn('status', ['queued', 'running'])
    .count({ count: '*' })
  return Number(row?.count)
}

export const dueTeams = (db: System, now: Date): Promise<Pick<TeamsRow, 'id' | 'slug' | 'name'>[]> =>
  db('teams').select('id', 'slug', 'name').where('delete_after', '<=', now).orderBy('delete_after')

/** The row with everything that hangs on it; only its events stay. False when somebody else was first. */
export async function deleteTeam(db: System, id: string, now: Date): Promise<boolean> {
  const [row] = await db('teams')
    .where({ id })
    .whereNotNull('removal_begun_at')
    .delete()
    .returning(['id', 'slug', 'name', 'created_at'])
  if (row) await db('removed_teams').insert({ ...row, removed_at: now })
  return row !== undefined
}

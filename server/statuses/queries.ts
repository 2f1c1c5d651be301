import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type {
  CommitStatusesRow,
  DeploysRow,
  RepositoryConnectionsRow,
  ServersRow,
  SitesRow,
} from '../platform/db/tables.js'

type System = TransactionOf<'system'>

export type EventDeploy = Pick<DeploysRow, 'id' | 'team_id' | 'site_id' | 'number' | 'commit_sha'> & {
  repository_key: string
  team_slug: string
  site_slug: string
}

const deploys = (db: System) =>
  db('deploys as d')
    .join('sites as s', 's.id', 'd.site_id')
    .join('teams as t', 't.id', 'd.team_id')
    .select<EventDeploy[]>(
      ...(['d.id', 'd.team_id', 'd.site_id', 'd.number', 'd.commit_sha', 's.repository_key'] as const),
      ...(['t.slug as team_slug', 's.slug as site_slug'] as const),
    )

export const deploysNumbered = (
  db: System,
  of: { team_id: string; site_id: string },
  numbers: readonly number[],
): Promise<EventDeploy[]> =>
  deploys(db)
    .where({ 'd.team_id': of.team_id, 'd.site_id': of.site_id })
    .whereIn('d.number', [...numbers])

/** A deploy that was cancelled while it waited: nothing else tells of its end. */
export const maybeNeverBegun = async (
  db: System,
  of: { team_id: string; operation_id: string },
): Promise<(EventDeploy & { message: string | null }) | undefined> =>
  (
    await deploys(db)
      .join('operations as o', 'o.id', 'd.operation_id')
      .where({ 'd.team_id': of.team_id, 'o.id': of.operation_id, 'o.status': 'cancelled' })
      .whereNull('o.started_at')
      .select<(EventDeploy & { message: string | null })[]>('o.message')
  )[0]

/** The commit of the push that made the deploy. */
export const commitOfPush = async (db: System, deployId: string): Promise<string | null> =>
  (
    await db('delivery_verdicts as v')
      .join('webhook_deliveries as w', 'w.id', 'v.delivery_id')
      .where({ 'v.deploy_id': deployId, 'v.verdict': 'deployed' })
      .first('w.commit_sha')
  )?.commit_sha ?? null

export type Connection = Pick<RepositoryConnectionsRow, 'id' | 'host'>

export const speakingConnections = (
  db: System,
  of: { team_id: string; repository_key: string },
): Promise<Connection[]> =>
  db('repository_connections')
    .select('id', 'host')
    .where(of)
    .where((either) => either.whereNotNull('token_sealed').orWhereNotNull('installation_id'))

/** What the commits were told of a deploy, the newest of each commit and kind. */
export const toldOf = (
  db: System,
  connectionId: string,
  deployId: string,
): Promise<Pick<CommitStatusesRow, 'kind' | 'commit_sha' | 'state'>[]> =>
  db('commit_statuses')
    .distinctOn('kind', 'commit_sha')
    .select('kind', 'commit_sha', 'state')
    .where({ connection_id: connectionId, deploy_id: deployId })
    .orderBy([
      { column: 'kind' },
      { column: 'commit_sha' },
      { column: 'sequence', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])

/** Commits that were told of no end of a deploy of that site, which need not be there any more. */
export const openOfSite = (
  db: System,
  of: { team_id: string; site_id: string },
): Promise<(Connection & Pick<CommitStatusesRow, 'deploy_id' | 'commit_sha'>)[]> => {
  const newest = db('commit_statuses')
    .distinctOn('connection_id', 'deploy_id', 'commit_sha')
    .select('connection_id', 'deploy_id', 'commit_sha', 'state')
    .where({ ...of, kind: 'status' })
    .orderBy([
      ...['connection_id', 'deploy_id', 'commit_sha'],
      { column: 'sequence', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
  return db
    .from(newest.as('s'))
    .join('repository_connections as c', 'c.id', 's.connection_id')
    .whereIn('s.state', ['queued', 'running'])
    .select('c.id', 'c.host', 's.deploy_id', 's.commit_sha')
}

/** Once for each event, however often it is read. */
export const insertStatus = async (
  db: System,
  row: Omit<CommitStatusesRow, 'attempts' | 'outcome' | 'why' | 'ended_at'>,
): Promise<void> => void (await db('commit_statuses').insert(row).onConflict().ignore())

/** The next that is due, taken for a while. Of one commit and context the older always goes first. */
export async function claimDue(db: System, now: Date, until: Date): Promise<CommitStatusesRow | undefined> {
  const next = db('commit_statuses as c')
    .select('c.id')
    .whereNull('c.outcome')
    .where('c.attempt_at', '<=', now)
    .whereNotExists(
      db('commit_statuses as older')
        .select(db.raw('1'))
        .whereNull('older.outcome')
        .whereRaw(
          '(older.connection_id, older.kind, older.commit_sha, older.context) = (c.connection_id, c.kind, c.commit_sha, c.context)',
        )
        .whereRaw('(older.sequence, older.id) < (c.sequence, c.id)'),
    )
    .orderBy([{ column: 'c.attempt_at' }, { column: 'c.sequence' }, { column: 'c.id' }])
    .limit(1)
    .forUpdate('c')
    .skipLocked()
  const [row] = await db('commit_statuses')
    .whereIn('id', next)
    .update({ attempt_at: until, attempts: db.raw('attempts + 1') })
    .returning('*')
  return row
}

export const deleteEndedBefore = (db: System, before: Date): Promise<number> =>
  db('commit_statuses').where('ended_at', '<', before).delete()

/** False when somebody else has recorded its end meanwhile. */
export const recordEnd = async (
  tx: TeamTx,
  id: string,
  end: Pick<CommitStatusesRow, 'outcome' | 'why' | 'ended_at'>,
): Promise<boolean> =>
  (await tx.db('commit_statuses').where({ id, team_id: tx.ctx.team.id }).whereNull('outcome').update(end)) === 1

export const postpone = async (tx: TeamTx, id: string, attemptAt: Date, why: string): Promise<void> =>
  void (await tx
    .db('commit_statuses')
    .where({ id, team_id: tx.ctx.team.id })
    .whereNull('outcome')
    .update({ attempt_at: attemptAt, why }))

/** The host wants to be left alone, whatever it is about. */
export const postponeAll = async (tx: TeamTx, connectionId: string, until: Date): Promise<void> =>
  void (await tx
    .db('commit_statuses')
    .where({ connection_id: connectionId, team_id: tx.ctx.team.id })
    .whereNull('outcome')
    .where('attempt_at', '<', until)
    .update({ attempt_at: until }))

const connection = (tx: TeamTx, id: string) => tx.db('repository_connections').where({ id, team_id: tx.ctx.team.id })

export async function recordSent(tx: TeamTx, { connection_id, kind }: CommitStatusesRow): Promise<void> {
  await connection(tx, connection_id).update({ statuses_sent_at: tx.ctx.now() })
  await connection(tx, connection_id)
    .where({ statuses_fault_kind: kind })
    .update({ statuses_fault: null, statuses_fault_at: null, statuses_fault_kind: null })
}

/**
 * False when that is what was wrong before. A token that may do neither is told of once: what commits show comes first,
 * and the other is seen when that is mended.
 */
export const recordFault = async (tx: TeamTx, row: CommitStatusesRow, why: string): Promise<boolean> =>
  (await connection(tx, row.connection_id)
    .whereRaw('(statuses_fault, statuses_fault_kind) is distinct from (?, ?)', [why, row.kind])
    .where((either) =>
      either.whereRaw('statuses_fault_kind is distinct from ?', ['status']).orWhereRaw('? = ?', [row.kind, 'status']),
    )
    .update({ statuses_fault: why, statuses_fault_kind: row.kind, statuses_fault_at: tx.ctx.now() })) === 1

export const repositoryOf = async (tx: TeamTx, connectionId: string): Promise<string | undefined> =>
  (await connection(tx, connectionId).first('repository_key'))?.repository_key

export type ToldSite = Pick<SitesRow, 'slug' | 'port' | 'served_url'> &
  Pick<ServersRow, 'kind' | 'address'> & { number: DeploysRow['number'] }

export const siteOf = (tx: TeamTx, row: CommitStatusesRow): Promise<ToldSite | undefined> =>
  tx
    .db('deploys as d')
    .join('sites as s', 's.id', 'd.site_id')
    .join('servers as v', 'v.id', 's.server_id')
    .where({ 'd.id': row.deploy_id, 'd.team_id': tx.ctx.team.id })
    .first('s.slug', 's.port', 's.served_url', 'v.kind', 'v.address', 'd.number')

export const maybeRemoteId = async (tx: TeamTx, row: CommitStatusesRow): Promise<string | undefined> =>
  (
    await tx
      .db('host_deployments')
      .where({ connection_id: row.connection_id, deploy_id: row.deploy_id, team_id: tx.ctx.team.id })
      .first('remote_id')
  )?.remote_id

export const rememberRemoteId = async (tx: TeamTx, row: CommitStatusesRow, remoteId: string): Promise<void> =>
  void (await tx
    .db('host_deployments')
    .insert({
      ...{ connection_id: row.connection_id, deploy_id: row.deploy_id },
      ...{ team_id: tx.ctx.team.id, remote_id: remoteId },
    })
    .onConflict()
    .ignore())

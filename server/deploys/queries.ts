import type { TeamTx } from '../platform/access/ctx.js'
import type { DeploysRow, InstancesRow, OperationsRow, ReleasesRow } from '../platform/db/tables.js'

/** A deploy with how its operation went, which is how the deploy went. */
export type DeployWithOperation = DeploysRow &
  Pick<OperationsRow, 'status' | 'message' | 'hint' | 'started_at' | 'ended_at' | 'cancel_requested_at'> & {
    release_number: number | null
    release_state: ReleasesRow['state'] | null
    commit_subject: string | null
  }

const withOperation = (tx: TeamTx) =>
  tx
    .db('deploys as d')
    .join('operations as o', 'o.id', 'd.operation_id')
    .leftJoin('releases as r', 'r.id', 'd.release_id')
    .where('d.team_id', tx.ctx.team.id)
    .select<DeployWithOperation[]>(
      'd.*',
      'o.status',
      'o.message',
      'o.hint',
      'o.started_at',
      'o.ended_at',
      'o.cancel_requested_at',
      'r.number as release_number',
      'r.state as release_state',
      'r.commit_subject',
    )

/** Newest first, below a number. */
export const deploysOf = (
  tx: TeamTx,
  siteId: string,
  below: number | null,
  limit: number,
): Promise<DeployWithOperation[]> =>
  withOperation(tx)
    .where('d.site_id', siteId)
    .modify((query) => void (below !== null && query.where('d.number', '<', below)))
    .orderBy('d.number', 'desc')
    .limit(limit)

export const maybeDeploy = async (
  tx: TeamTx,
  siteId: string,
  number: number,
): Promise<DeployWithOperation | undefined> =>
  (await withOperation(tx).where({ 'd.site_id': siteId, 'd.number': number }))[0]

export const maybeDeployById = async (tx: TeamTx, id: string): Promise<DeployWithOperation | undefined> =>
  (await withOperation(tx).where({ 'd.id': id }))[0]

/** Deploys of a branch that wait: the newest request takes their place. Rollbacks are asked for by name and stay. */
export const waitingDeploys = (tx: TeamTx, siteId: string): Promise<DeployWithOperation[]> =>
  withOperation(tx).where({ 'd.site_id': siteId, 'd.kind': 'deploy', 'o.status': 'queued' })

/** What the newest deploy of the branch has built, or is about to: null while it has not fetched its commit. */
export const newestBranchDeploy = (
  tx: TeamTx,
  siteId: string,
): Promise<{ id: string; status: OperationsRow['status']; commit_sha: string | null } | undefined> =>
  tx
    .db('deploys as d')
    .join('operations as o', 'o.id', 'd.operation_id')
    .leftJoin('releases as r', 'r.id', 'd.release_id')
    .where({ 'd.site_id': siteId, 'd.team_id': tx.ctx.team.id, 'd.kind': 'deploy' })
    .whereNull('d.folded_into')
    .orderBy('d.number', 'desc')
    .select('d.id', 'o.status', tx.db.raw('coalesce(r.commit_sha, d.commit_sha) as commit_sha'))
    .first()

/** The newest deploy of the site that took this commit. */
export const maybeDeployOf = (
  tx: TeamTx,
  siteId: string,
  commit: string,
): Promise<{ id: string; status: OperationsRow['status'] } | undefined> =>
  tx
    .db('deploys as d')
    .join('operations as o', 'o.id', 'd.operation_id')
    .where({ 'd.site_id': siteId, 'd.team_id': tx.ctx.team.id, 'd.kind': 'deploy', 'd.commit_sha': commit })
    .orderBy('d.number', 'desc')
    .select('d.id', 'o.status')
    .first()

/** The newest that was live, also where it is not any more. */
export const lastLiveDeploy = async (
  tx: TeamTx,
  siteId: string,
): Promise<{ id: string; number: number; commit: string } | undefined> =>
  tx
    .db('deploys as d')
    .join('operations as o', 'o.id', 'd.operation_id')
    .leftJoin('releases as r', 'r.id', 'd.release_id')
    .where({ 'd.site_id': siteId, 'd.team_id': tx.ctx.team.id, 'o.status': 'succeeded' })
    .whereNull('d.folded_into')
    .whereRaw('coalesce(r.commit_sha, d.commit_sha) is not null')
    .orderBy('d.number', 'desc')
    .select('d.id', 'd.number', tx.db.raw('coalesce(r.commit_sha, d.commit_sha) as commit'))
    .first()

/** Whatever waits or runs, rollbacks too. */
export const openDeploys = (tx: TeamTx, siteId: string): Promise<DeployWithOperation[]> =>
  withOperation(tx).where({ 'd.site_id': siteId }).whereIn('o.status', ['queued', 'running'])

/** The newest release that was live and can be started again. */
export const lastLiveRelease = (tx: TeamTx, siteId: string): Promise<ReleasesRow | undefined> =>
  tx
    .db('releases')
    .select('*')
    .where({ site_id: siteId, team_id: tx.ctx.team.id })
    .whereIn('state', ['kept', 'live'])
    .whereNotNull('live_at')
    .orderBy('live_at', 'desc')
    .first()

/** The caller holds the site's row, so numbers have no gaps. */
export async function nextDeployNumber(tx: TeamTx, siteId: string): Promise<number> {
  const row = await tx
    .db('deploys')
    .where({ site_id: siteId, team_id: tx.ctx.team.id })
    .max({ number: 'number' })
    .first()
  return Number(row?.number ?? 0) + 1
}

export const insertDeploy = async (
  tx: TeamTx,
  deploy: Omit<DeploysRow, 'folded_into' | 'rolled_back_at' | 'release_id' | 'replaced_release_id'> & {
    release_id?: string | null
  },
): Promise<void> => void (await tx.db('deploys').insert(deploy))

export const updateDeploy = async (
  tx: TeamTx,
  id: string,
  change: Partial<
    Pick<
      DeploysRow,
      'release_id' | 'commit_sha' | 'replaced_release_id' | 'folded_into' | 'rolled_back_at' | 'unless_left_out_since'
    >
  >,
): Promise<void> => void (await tx.db('deploys').where({ id, team_id: tx.ctx.team.id }).update(change))

/** False when it has begun already. */
export const beginDeploy = async (
  tx: TeamTx,
  id: string,
  change: { release_id: string; commit_sha: string },
): Promise<boolean> =>
  (await tx
    .db('deploys')
    .where({ id, team_id: tx.ctx.team.id })
    .whereRaw('release_id is distinct from ?', [change.release_id])
    .update(change)) === 1

export const maybeRelease = (tx: TeamTx, id: string): Promise<ReleasesRow | undefined> =>
  tx.db('releases').select('*').where({ id, team_id: tx.ctx.team.id }).first()

export const maybeReleaseByNumber = (tx: TeamTx, siteId: string, number: number): Promise<ReleasesRow | undefined> =>
  tx.db('releases').select('*').where({ site_id: siteId, number, team_id: tx.ctx.team.id }).first()

/** Newest first. */
export const releasesOf = (tx: TeamTx, siteId: string, limit: number): Promise<ReleasesRow[]> =>
  tx
    .db('releases')
    .select('*')
    .where({ site_id: siteId, team_id: tx.ctx.team.id })
    .orderBy('number', 'desc')
    .limit(limit)

export const insertRelease = async (
  tx: TeamTx,
  release: Omit<ReleasesRow, 'artifact' | 'live_at' | 'settings' | 'environment_digests'> & {
    settings: string
    environment_digests: string
  },
): Promise<void> => void (await tx.db('releases').insert(release))

export const updateRelease = async (
  tx: TeamTx,
  id: string,
  change: Partial<Pick<ReleasesRow, 'state' | 'artifact' | 'live_at' | 'node_version'>>,
): Promise<void> => void (await tx.db('releases').where({ id, team_id: tx.ctx.team.id }).update(change))

/** What was live is kept; nothing else is. */
export const retireLiveRelease = (tx: TeamTx, siteId: string, exceptId: string): Promise<number> =>
  tx
    .db('releases')
    .where({ site_id: siteId, team_id: tx.ctx.team.id, state: 'live' })
    .whereNot({ id: exceptId })
    .update({ state: 'kept' })

/** Nothing is live any more; all of it can come back. */
export const retireAllReleases = (tx: TeamTx, siteId: string): Promise<number> =>
  tx.db('releases').where({ site_id: siteId, team_id: tx.ctx.team.id, state: 'live' }).update({ state: 'kept' })

export const runtimesOf = (tx: TeamTx, siteId: string): Promise<ReleasesRow['runtime'][]> =>
  tx.db('releases').where({ site_id: siteId, team_id: tx.ctx.team.id }).distinct().pluck('runtime')

export const drainAllInstances = (tx: TeamTx, siteId: string): Promise<number> =>
  tx.db('instances').where({ site_id: siteId, team_id: tx.ctx.team.id, state: 'live' }).update({ state: 'draining' })

/**
 * Runnable releases beyond the newest `keep`, and what failed builds left, also those whose server was out of reach when
 * they should have been undone: oldest first. Asked when the deploy's own release is live, which is never among them.
 */
export const prunableReleases = (tx: TeamTx, siteId: string, keep: number): Promise<ReleasesRow[]> =>
  tx
    .db('releases')
    .select('*')
    .where({ site_id: siteId, team_id: tx.ctx.team.id })
    .where((one) => one.whereIn('state', ['kept', 'building']).orWhere({ state: 'failed' }).whereNotNull('artifact'))
    .whereNotIn(
      'id',
      tx
        .db('releases')
        .select('id')
        .where({ site_id: siteId })
        .whereIn('state', ['kept', 'live'])
        .orderBy('number', 'desc')
        .limit(keep),
    )
    .orderBy('number')

export const instancesOf = (
  tx: TeamTx,
  siteId: string,
): Promise<(InstancesRow & { release_number: number; runtime: ReleasesRow['runtime'] })[]> =>
  tx
    .db('instances as i')
    .join('releases as r', 'r.id', 'i.release_id')
    .select('i.*', 'r.number as release_number', 'r.runtime')
    .where({ 'i.site_id': siteId, 'i.team_id': tx.ctx.team.id })
    .whereNot('i.state', 'retired')
    .orderBy('i.created_at')

/** What visitors of the sites of a server get. */
export const liveInstancesOn = (tx: TeamTx, serverId: string): Promise<InstancesRow[]> =>
  tx.db('instances').select('*').where({ server_id: serverId, team_id: tx.ctx.team.id, state: 'live' }).orderBy('id')

export const maybeInstance = (tx: TeamTx, id: string): Promise<InstancesRow | undefined> =>
  tx.db('instances').select('*').where({ id, team_id: tx.ctx.team.id }).first()

export const insertInstance = async (tx: TeamTx, instance: Omit<InstancesRow, 'retired_at'>): Promise<void> =>
  void (await tx.db('instances').insert(instance))

export const updateInstance = async (
  tx: TeamTx,
  id: string,
  change: Partial<Pick<InstancesRow, 'state' | 'retired_at'>>,
): Promise<void> => void (await tx.db('instances').where({ id, team_id: tx.ctx.team.id }).update(change))

export const usedPorts = async (tx: TeamTx, serverId: string): Promise<Set<number>> =>
  new Set(
    (await tx.db('instances').select('port').where({ server_id: serverId }).whereNot({ state: 'retired' })).map(
      (row) => row.port,
    ),
  )

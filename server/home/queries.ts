import type { TeamTx } from '../platform/access/ctx.js'
import type { DeploysRow, OperationsRow, ServersRow, SitesRow } from '../platform/db/tables.js'

/** Each of these is answered by an index of its own, so the page costs the same with one site and with 21,000. */

/** Rows with how many there are in all. */
type Counted<Row> = Row & { total: number }

const countAll = (tx: TeamTx) => tx.db.raw('count(*) over ()::int as total')

export type TroubledServer = Pick<
  ServersRow,
  'slug' | 'name' | 'status' | 'status_message' | 'host_key_changed_to' | 'seen_at'
>

export const troubledServers = (tx: TeamTx, limit: number): Promise<Counted<TroubledServer>[]> =>
  tx
    .db('servers')
    .where({ team_id: tx.ctx.team.id })
    .where((either) => either.where({ status: 'unreachable' }).orWhereNotNull('host_key_changed_to'))
    .select<Counted<TroubledServer>[]>(
      'slug',
      'name',
      'status',
      'status_message',
      'host_key_changed_to',
      'seen_at',
      countAll(tx),
    )
    .orderBy('name')
    .limit(limit)

export interface FullDisk {
  slug: string
  name: string
  disk_used_bytes: number
  disk_total_bytes: number
  at: Date
}

/** Above 90 % at the newest reading since a moment. The condition is spelt as the index spells it. */
export const fullDisks = (tx: TeamTx, since: Date, limit: number): Promise<Counted<FullDisk>[]> =>
  tx.db
    .from(
      tx
        .db('server_readings as reading')
        .where('reading.team_id', tx.ctx.team.id)
        .where('reading.at', '>', since)
        .whereRaw('reading.disk_used_bytes * 10 > reading.disk_total_bytes * 9')
        .whereNotExists(
          tx
            .db('server_readings as newer')
            .whereRaw('newer.server_id = reading.server_id and newer.at > reading.at')
            .select(tx.db.raw('1')),
        )
        .select('server_id', 'disk_used_bytes', 'disk_total_bytes', 'at', countAll(tx))
        .orderBy('at', 'desc')
        .limit(limit)
        .as('reading'),
    )
    .join('servers as server', 'server.id', 'reading.server_id')
    .select<Counted<FullDisk>[]>('server.slug', 'server.name', 'disk_used_bytes', 'disk_total_bytes', 'at', 'total')
    .orderBy('at', 'desc')

export type FailingSite = Pick<SitesRow, 'slug' | 'name' | 'live_release_id'> &
  Pick<DeploysRow, 'number' | 'operation_id' | 'rolled_back_at'> &
  Pick<OperationsRow, 'message' | 'ended_at'>

const countFailing = (tx: TeamTx) =>
  tx
    .db('sites')
    .where({ team_id: tx.ctx.team.id })
    .whereNotNull('failing_deploy_id')
    .select(tx.db.raw('count(*)::int'))
    .as('total')

/** Whose last deploy failed, the newest failure first. */
export const failingSites = (tx: TeamTx, limit: number): Promise<Counted<FailingSite>[]> =>
  tx.db
    .from(
      tx
        .db('sites')
        .where({ team_id: tx.ctx.team.id })
        .whereNotNull('failing_deploy_id')
        // Counted apart: over the index alone, however many fail.
        .select('slug', 'name', 'live_release_id', 'failing_deploy_id', countFailing(tx))
        .orderBy('failing_deploy_id', 'desc')
        .limit(limit)
        .as('site'),
    )
    .join('deploys as deploy', 'deploy.id', 'site.failing_deploy_id')
    .join('operations as operation', 'operation.id', 'deploy.operation_id')
    .select('site.slug', 'site.name', 'site.live_release_id', 'site.total')
    .select('deploy.number', 'deploy.operation_id', 'deploy.rolled_back_at', 'operation.message', 'operation.ended_at')
    .orderBy('site.failing_deploy_id', 'desc')

export type RecentDeploy = Pick<
  DeploysRow,
  'number' | 'kind' | 'operation_id' | 'release_id' | 'folded_into' | 'rolled_back_at' | 'requested_by' | 'created_at'
> &
  Pick<OperationsRow, 'status' | 'started_at' | 'ended_at'> & {
    site_slug: string
    site_name: string
    live_release_id: string | null
    commit_sha: string | null
    commit_subject: string | null
  }

/** The few are chosen before anything is joined to them. */
export const recentDeploys = (tx: TeamTx, limit: number): Promise<RecentDeploy[]> =>
  tx.db
    .from(
      tx
        .db('deploys')
        .where({ team_id: tx.ctx.team.id })
        .select('*')
        .orderBy('created_at', 'desc')
        .limit(limit)
        .as('deploy'),
    )
    .join('operations as operation', 'operation.id', 'deploy.operation_id')
    .join('sites as site', 'site.id', 'deploy.site_id')
    .leftJoin('releases as release', 'release.id', 'deploy.release_id')
    .select('deploy.number', 'deploy.kind', 'deploy.operation_id', 'deploy.release_id', 'deploy.folded_into')
    .select('deploy.rolled_back_at', 'deploy.requested_by', 'deploy.created_at', 'deploy.commit_sha')
    .select('operation.status', 'operation.started_at', 'operation.ended_at', 'release.commit_subject')
    .select('site.slug as site_slug', 'site.name as site_name', 'site.live_release_id')
    .orderBy('deploy.created_at', 'desc')

export interface Beginnings {
  has_server: boolean
  has_ready_server: boolean
  has_site: boolean
  has_live_site: boolean
}

export async function beginnings(tx: TeamTx): Promise<Beginnings> {
  const { rows } = await tx.db.raw<{ rows: Beginnings[] }>(
    `select exists (select from servers where team_id = :team) as has_server,
       exists (select from servers where team_id = :team and status in ('ready', 'unreachable')) as has_ready_server,
       exists (select from sites where team_id = :team) as has_site,
       exists (select from sites where team_id = :team and live_release_id is not null) as has_live_site`,
    { team: tx.ctx.team.id },
  )
  return rows[0] ?? { has_server: false, has_ready_server: false, has_site: false, has_live_site: false }
}

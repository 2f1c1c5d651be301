import type { TeamTx } from '../platform/access/ctx.js'
import type { DeploysRow, OperationsRow, ServersRow, SitesRow } from '../platform/db/tables.js'

/**
 * Each of these is answered by an index of its own, so the page costs the same with one site and with 21,000. They are
 * written out because everybody lands here: to have knex build them costs more than to ask them.
 */

/** Rows with how many there are in all. */
type Counted<Row> = Row & { total: number }

const rowsOf = async <Row>(tx: TeamTx, sql: string, values: { limit?: number; since?: Date } = {}): Promise<Row[]> =>
  (await tx.db.raw<{ rows: Row[] }>(sql, { ...values, team: tx.ctx.team.id })).rows

export type TroubledServer = Pick<
  ServersRow,
  'slug' | 'name' | 'status' | 'status_message' | 'host_key_changed_to' | 'seen_at'
>

export const troubledServers = (tx: TeamTx, limit: number): Promise<Counted<TroubledServer>[]> =>
  rowsOf(
    tx,
    `select slug, name, status, status_message, host_key_changed_to, seen_at, count(*) over ()::int as total
     from servers
     where team_id = :team and (status = 'unreachable' or host_key_changed_to is not null)
     order by name limit :limit`,
    { limit },
  )

export interface FullDisk {
  slug: string
  name: string
  disk_used_bytes: number
  disk_total_bytes: number
  at: Date
}

/** Above 90 % at the newest reading since a moment. The condition is spelt as the index spells it. */
export const fullDisks = (tx: TeamTx, since: Date, limit: number): Promise<Counted<FullDisk>[]> =>
  rowsOf(
    tx,
    `select server.slug, server.name, reading.*
     from (
       select server_id, disk_used_bytes, disk_total_bytes, at, count(*) over ()::int as total
       from server_readings full_one
       where team_id = :team and at > :since and disk_used_bytes * 10 > disk_total_bytes * 9
         and not exists (
           select from server_readings newer where newer.server_id = full_one.server_id and newer.at > full_one.at)
       order by at desc limit :limit) reading
     join servers server on server.id = reading.server_id
     order by reading.at desc`,
    { since, limit },
  )

export type FailingSite = Pick<SitesRow, 'slug' | 'name' | 'live_release_id'> &
  Pick<DeploysRow, 'number' | 'operation_id' | 'rolled_back_at'> &
  Pick<OperationsRow, 'message' | 'ended_at'>

/** Whose last deploy failed, the newest failure first. Counted apart: over the index alone, however many fail. */
export const failingSites = (tx: TeamTx, limit: number): Promise<Counted<FailingSite>[]> =>
  rowsOf(
    tx,
    `select site.slug, site.name, site.live_release_id, deploy.number, deploy.operation_id, deploy.rolled_back_at,
       operation.message, operation.ended_at,
       (select count(*)::int from sites where team_id = :team and failing_deploy_id is not null) as total
     from (
       select slug, name, live_release_id, failing_deploy_id from sites
       where team_id = :team and failing_deploy_id is not null
       order by failing_deploy_id desc limit :limit) site
     join deploys deploy on deploy.id = site.failing_deploy_id
     join operations operation on operation.id = deploy.operation_id
     order by site.failing_deploy_id desc`,
    { limit },
  )

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
  rowsOf(
    tx,
    `select deploy.number, deploy.kind, deploy.operation_id, deploy.release_id, deploy.folded_into, deploy.rolled_back_at,
       deploy.requested_by, deploy.created_at, deploy.commit_sha, operation.status, operation.started_at,
       operation.ended_at, release.commit_subject, site.slug as site_slug, site.name as site_name, site.live_release_id
     from (select * from deploys where team_id = :team order by created_at desc limit :limit) deploy
     join operations operation on operation.id = deploy.operation_id
     join sites site on site.id = deploy.site_id
     left join releases release on release.id = deploy.release_id
     order by deploy.created_at desc`,
    { limit },
  )

export interface Beginnings {
  has_server: boolean
  has_ready_server: boolean
  has_site: boolean
  has_live_site: boolean
}

export async function beginnings(tx: TeamTx): Promise<Beginnings> {
  const [row] = await rowsOf<Beginnings>(
    tx,
    `select exists (select from servers where team_id = :team) as has_server,
       exists (select from servers where team_id = :team and status in ('ready', 'unreachable')) as has_ready_server,
       exists (select from sites where team_id = :team) as has_site,
       exists (select from sites where team_id = :team and live_release_id is not null) as has_live_site`,
  )
  return row ?? { has_server: false, has_ready_server: false, has_site: false, has_live_site: false }
}

import type { TeamTx } from '../platform/access/ctx.js'
import type { DeploysRow, OperationsRow, ServersRow, SitesRow } from '../platform/db/tables.js'

/** Rows with how many there are in all. */
type Counted<Row> = Row & { total: number }

export interface HomeRows {
  troubledServers: Counted<TroubledServer>[]
  fullDisks: Counted<FullDisk>[]
  failingSites: Counted<FailingSite>[]
  openOperations: OpenOperation[]
  recentDeploys: RecentDeploy[]
  beginnings: Beginnings
}

/**
 * All that the first page shows. Each part is answered by an index of its own, so it costs the same with one site and with
 * 21,000; they are one statement, because everybody lands here and each statement costs more to send than to answer.
 */
export async function homeRows(tx: TeamTx, readSince: Date): Promise<HomeRows> {
  const open = tx.ctx.openServers()
  const given = [tx.ctx.team.id, readSince, open === 'all' ? null : open]
  const [row] = await tx.db.rows<{ home: HomeRows }>(statement, given)
  if (!row) throw new Error('The first page has no row')
  const { home } = row
  readTimes(home.troubledServers, 'seen_at')
  readTimes(home.fullDisks, 'read_at')
  readTimes(home.failingSites, 'rolled_back_at', 'ended_at')
  readTimes(home.openOperations, 'created_at', 'started_at')
  readTimes(home.recentDeploys, 'rolled_back_at', 'created_at', 'started_at', 'ended_at')
  return home
}

/** JSON knows no times: they came as text. */
function readTimes<Row extends object>(rows: readonly Row[], ...names: (keyof Row & `${string}_at`)[]): void {
  for (const row of rows)
    for (const name of names) if (row[name] !== null) Object.assign(row, { [name]: new Date(String(row[name])) })
}

export type TroubledServer = Pick<
  ServersRow,
  'id' | 'slug' | 'name' | 'status' | 'status_message' | 'host_key_changed_to' | 'seen_at'
>

/** Of servers, those alone whose own pages the caller may open: a name beside a site is no page. */
const isOpen = (column: string) => `($3::uuid[] is null or ${column} = any($3))`

const troubledServers = `
  select id, slug, name, status, status_message, host_key_changed_to, seen_at, count(*) over () as total
  from servers
  where team_id = $1 and (status = 'unreachable' or host_key_changed_to is not null) and ${isOpen('id')}
  order by name limit 5`

export interface FullDisk {
  id: string
  slug: string
  name: string
  disk_used_bytes: number
  disk_total_bytes: number
  read_at: Date
}

/**
 * Above 90 % at the newest reading since a moment, spelt as the index spells it. The moment is a query of its own, or
 * PostgreSQL would hope to gain by a new plan for each moment.
 */
const fullDisks = `
  select server.id, server.slug, server.name, reading.disk_used_bytes, reading.disk_total_bytes, reading.read_at, reading.total
  from (
    select server_id, disk_used_bytes, disk_total_bytes, at as read_at, count(*) over () as total
    from server_readings full_one
    where team_id = $1 and at > (select $2::timestamptz) and disk_used_bytes * 10 > disk_total_bytes * 9
      and ${isOpen('server_id')}
      and not exists (
        select from server_readings newer where newer.server_id = full_one.server_id and newer.at > full_one.at)
    order by at desc limit 5) reading
  join servers server on server.id = reading.server_id
  order by reading.read_at desc`

export type FailingSite = Pick<SitesRow, 'slug' | 'name' | 'live_release_id'> &
  Pick<DeploysRow, 'number' | 'operation_id' | 'rolled_back_at'> &
  Pick<OperationsRow, 'message' | 'ended_at'>

/** Whose last deploy failed, the newest failure first. Counted apart: over the index alone, however many fail. */
const failingSites = `
  select site.slug, site.name, site.live_release_id, deploy.number, deploy.operation_id, deploy.rolled_back_at,
    operation.message, operation.ended_at,
    (select count(*) from sites where team_id = $1 and failing_deploy_id is not null and preview_of is null) as total
  from (
    select slug, name, live_release_id, failing_deploy_id from sites
    where team_id = $1 and failing_deploy_id is not null and preview_of is null
    order by failing_deploy_id desc limit 5) site
  join deploys deploy on deploy.id = site.failing_deploy_id
  join operations operation on operation.id = deploy.operation_id
  order by site.failing_deploy_id desc`

export type OpenOperation = Pick<
  OperationsRow,
  'id' | 'title' | 'status' | 'requested_by' | 'created_at' | 'started_at'
>

const openOperations = `
  select id, title, status, requested_by, created_at, started_at from operations
  where team_id = $1 and status in ('queued', 'running')
  order by created_at limit 8`

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
const recentDeploys = `
  select deploy.number, deploy.kind, deploy.operation_id, deploy.release_id, deploy.folded_into, deploy.rolled_back_at,
    deploy.requested_by, deploy.created_at, deploy.commit_sha, operation.status, operation.started_at,
    operation.ended_at, release.commit_subject, site.slug as site_slug, site.name as site_name, site.live_release_id
  from (
    select site_id, number, kind, operation_id, release_id, folded_into, rolled_back_at, requested_by, created_at, commit_sha
    from deploys where team_id = $1 order by created_at desc limit 8) deploy
  join operations operation on operation.id = deploy.operation_id
  join sites site on site.id = deploy.site_id
  left join releases release on release.id = deploy.release_id
  order by deploy.created_at desc`

export interface Beginnings {
  has_server: boolean
  has_ready_server: boolean
  has_site: boolean
  has_live_site: boolean
}

const beginnings = `
  select exists (select from servers where team_id = $1) as has_server,
    exists (select from servers where team_id = $1 and status in ('ready', 'unreachable')) as has_ready_server,
    exists (select from sites where team_id = $1) as has_site,
    exists (select from sites where team_id = $1 and live_release_id is not null) as has_live_site`

const listOf = (rows: string) => `(select coalesce(json_agg(found), '[]') from (${rows}) found)`

const statement = `select json_build_object(
  'troubledServers', ${listOf(troubledServers)},
  'fullDisks', ${listOf(fullDisks)},
  'failingSites', ${listOf(failingSites)},
  'openOperations', ${listOf(openOperations)},
  'recentDeploys', ${listOf(recentDeploys)},
  'beginnings', (select row_to_json(begun) from (${beginnings}) begun)) as home`

import type { Knex } from 'knex'
import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type {
  DeploysRow,
  EnvironmentVariablesRow,
  OperationsRow,
  ServersRow,
  SiteDraftsRow,
  SitesRow,
} from '../platform/db/tables.js'

const ofTeam = (tx: TeamTx) => tx.db('sites').where({ team_id: tx.ctx.team.id })

export const maybeSite = (tx: TeamTx, slug: string): Promise<SitesRow | undefined> =>
  ofTeam(tx).select('*').where({ slug }).first()

export const maybeSiteById = (tx: TeamTx, id: string): Promise<SitesRow | undefined> =>
  ofTeam(tx).select('*').where({ id }).first()

/** Locks the row to the end of the transaction, for whoever decides by its state. */
export const lockSite = (tx: TeamTx, id: string): Promise<SitesRow | undefined> =>
  ofTeam(tx).select('*').where({ id }).forUpdate().first()

/** All of one repository that follow a branch, in the order of their ids: whoever locks several does it in one order. */
export const lockSitesOf = (tx: TeamTx, repositoryKey: string): Promise<SitesRow[]> =>
  ofTeam(tx).select('*').where({ repository_key: repositoryKey, preview_of: null }).orderBy('id').forUpdate()

/** The sites that show its pull requests. */
export const lockCopies = (tx: TeamTx, id: string): Promise<SitesRow[]> =>
  ofTeam(tx).select('*').where({ preview_of: id }).orderBy('id').forUpdate()

/** The newest commit that is known of, and whether it was deployed or left out for a reason. */
export const recordSeen = (tx: TeamTx, id: string, commit: string, isDeployed: boolean): Promise<void> =>
  updateSite(tx, id, { seen_commit: commit, seen_deployed: isDeployed })

/** When the site follows another branch or repository: what was decided on of the one before says nothing of it. */
export const nothingSeen = { seen_commit: null, seen_deployed: false } as const

/** With how the newest deploy stands; all of that is null where there is none. */
export type ListedSite = Pick<
  SitesRow,
  'id' | 'slug' | 'name' | 'state' | 'branch' | 'repository_url' | 'port' | 'edge' | 'served_url' | 'created_at'
> & { server_name: string; server_slug: string; server_kind: ServersRow['kind']; server_address: string | null } & {
  deploy_number: DeploysRow['number'] | null
  deploy_status: OperationsRow['status'] | null
  deploy_folded: boolean
  deploy_rolled_back: boolean
  deploy_at: Date | null
}

export interface SiteFilter {
  after: { createdAt: string; id: string } | null
  search: string | null
  state: SitesRow['state'] | null
  serverId: string | null
  limit: number
}

/** Newest first. Server and last deploy are looked up for the rows of this page alone. */
export function sitesPage(tx: TeamTx, filter: SiteFilter): Promise<ListedSite[]> {
  const rows = ofTeam(tx)
    .select(...listedColumns, 'server_id')
    // A preview stands on the page of its site.
    .whereNull('preview_of')
    .modify((query) => {
      if (filter.after) query.whereRaw('(created_at, id) < (?, ?)', [filter.after.createdAt, filter.after.id])
      if (filter.state) query.where({ state: filter.state })
      if (filter.serverId) query.where({ server_id: filter.serverId })
      if (filter.search) query.where((found) => searched(found, filter.search ?? ''))
    })
    .orderBy([
      { column: 'created_at', order: 'desc' },
      { column: 'id', order: 'desc' },
    ])
    .limit(filter.limit, { skipBinding: true })
    .as('s')
  return tx
    .db(rows)
    .select<ListedSite[]>(
      ...listedColumns.map((column) => `s.${column}`),
      ...['h.name as server_name', 'h.slug as server_slug', 'h.kind as server_kind', 'h.address as server_address'],
      ...['d.number as deploy_number', 'o.status as deploy_status'],
      tx.db.raw('d.folded_into is not null as deploy_folded'),
      tx.db.raw('d.rolled_back_at is not null as deploy_rolled_back'),
      tx.db.raw('coalesce(o.ended_at, d.created_at) as deploy_at'),
    )
    .joinRaw('join lateral (select name, slug, kind, address from servers where id = s.server_id limit 1) h on true')
    .joinRaw(
      `left join lateral (select operation_id, number, folded_into, rolled_back_at, created_at from deploys
         where site_id = s.id order by number desc limit 1) d on true`,
    )
    .joinRaw('left join lateral (select status, ended_at from operations where id = d.operation_id limit 1) o on true')
    .orderBy([
      { column: 's.created_at', order: 'desc' },
      { column: 's.id', order: 'desc' },
    ])
}

const listedColumns = [
  ...(['id', 'slug', 'name', 'state', 'branch'] as const),
  ...(['repository_url', 'port', 'edge', 'served_url', 'created_at'] as const),
]

/** What somebody typed stands for itself: % and _ are no wildcards. */
function searched(query: Knex.QueryBuilder, text: string): void {
  const part = `%${text.replace(/[\\%_]/g, '\\$&')}%`
  query.whereILike('name', part).orWhereILike('slug', part).orWhereILike('repository_url', part)
}

export const slugsLike = async (tx: TeamTx, slug: string): Promise<Set<string>> =>
  new Set(await ofTeam(tx).where('slug', 'like', `${slug}%`).pluck('slug'))

export const portsOn = async (tx: TeamTx, serverId: string): Promise<Set<number>> =>
  new Set(await ofTeam(tx).where({ server_id: serverId }).pluck('port'))

/** Of all sites there, through a door of the whole team. */
export const portsIn = (db: TransactionOf<'team'>, teamId: string, serverId: string): Promise<number[]> =>
  db('sites').where({ team_id: teamId, server_id: serverId }).pluck('port')

type NewSiteRow = Knex.ResolveTableType<Knex.TableType<'sites'>, 'insert'>

/** False when the slug or the port was taken in the same moment. */
export const insertSite = async (tx: TeamTx, row: NewSiteRow): Promise<boolean> =>
  (await tx.db('sites').insert(row).onConflict().ignore().returning('id')).length === 1

type SiteChange = Knex.ResolveTableType<Knex.TableType<'sites'>, 'update'>

export const updateSite = async (tx: TeamTx, id: string, change: SiteChange): Promise<void> =>
  void (await ofTeam(tx).where({ id }).update(change))

/** Only from a state that allows it; false when it was another by then. */
export const moveSite = async (
  tx: TeamTx,
  id: string,
  from: readonly SitesRow['state'][],
  to: { state: SitesRow['state']; state_reason: string | null },
): Promise<boolean> => (await ofTeam(tx).where({ id }).whereIn('state', from).update(to)) === 1

export const deleteSite = async (tx: TeamTx, id: string): Promise<boolean> =>
  (await ofTeam(tx).where({ id }).delete()) === 1

export async function setLiveRelease(tx: TeamTx, siteId: string, releaseId: string | null): Promise<void> {
  await ofTeam(tx)
    .where({ id: siteId })
    .update({
      live_release_id: releaseId,
      // Going live makes a site active; losing its only release makes it inactive again. Other states are not touched.
      state: releaseId
        ? tx.db.raw("case when state = 'inactive' then 'active' else state end")
        : tx.db.raw("case when state = 'active' then 'inactive' else state end"),
    })
}

/** What visitors come through. Names have to be set up there anew. */
export const setEdge = (tx: TeamTx, id: string, edge: SitesRow['edge']): Promise<void> =>
  updateSite(tx, id, { edge, served_url: null })

/** How the last deploy that came to an end went: the failed one, or null. */
export const setFailingDeploy = async (tx: TeamTx, siteId: string, deployId: string | null): Promise<void> =>
  void (await tx.db('sites').where({ id: siteId, team_id: tx.ctx.team.id }).update({ failing_deploy_id: deployId }))

/** Numbers releases without gaps or repeats; the row is locked until the commit. */
export async function takeReleaseNumber(tx: TeamTx, siteId: string): Promise<number> {
  const [row] = await ofTeam(tx)
    .where({ id: siteId })
    .update({ next_release: tx.db.raw('next_release + 1') })
    .returning('next_release')
  if (!row) throw new Error('The site is gone')
  return row.next_release - 1
}

const variablesOf = (tx: TeamTx, siteId: string) =>
  tx.db('environment_variables').where({ site_id: siteId, team_id: tx.ctx.team.id })

/** By key. */
export const environmentOf = (tx: TeamTx, siteId: string): Promise<EnvironmentVariablesRow[]> =>
  variablesOf(tx, siteId).select('*').orderBy('key')

export const maybeVariable = (tx: TeamTx, siteId: string, key: string): Promise<EnvironmentVariablesRow | undefined> =>
  variablesOf(tx, siteId).select('*').where({ key }).first()

export const putVariables = async (tx: TeamTx, rows: readonly EnvironmentVariablesRow[]): Promise<void> =>
  void (
    rows.length > 0 &&
    (await tx
      .db('environment_variables')
      .insert([...rows])
      .onConflict(['site_id', 'key'])
      .merge(['kind', 'is_secret', 'value_sealed', 'value_digest', 'updated_at']))
  )

export const deleteVariables = async (tx: TeamTx, siteId: string, keys: readonly string[]): Promise<number> =>
  keys.length === 0 ? 0 : variablesOf(tx, siteId).whereIn('key', keys).delete()

const draftsOfTeam = (tx: TeamTx) => tx.db('site_drafts').where({ team_id: tx.ctx.team.id })

export const maybeDraft = (tx: TeamTx, id: string): Promise<SiteDraftsRow | undefined> =>
  draftsOfTeam(tx).select('*').where({ id }).first()

/** Newest first. */
export const recentDrafts = (
  tx: TeamTx,
  limit: number,
): Promise<Pick<SiteDraftsRow, 'id' | 'repository_url' | 'created_at'>[]> =>
  draftsOfTeam(tx).select('id', 'repository_url', 'created_at').orderBy('created_at', 'desc').limit(limit)

export const insertDraft = async (
  tx: TeamTx,
  row: Omit<SiteDraftsRow, 'found'> & { found: string | null },
): Promise<void> => void (await tx.db('site_drafts').insert(row))

export const updateDraft = async (tx: TeamTx, id: string, found: string): Promise<void> =>
  void (await draftsOfTeam(tx).where({ id }).update({ found }))

export const deleteDraft = async (tx: TeamTx, id: string): Promise<boolean> =>
  (await draftsOfTeam(tx).where({ id }).delete()) === 1

export const deleteDraftsBefore = (tx: TeamTx, before: Date): Promise<number> =>
  draftsOfTeam(tx).where('created_at', '<', before).delete()

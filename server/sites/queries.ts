import type { Knex } from 'knex'
import type { TeamTx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { SitesRow } from '../platform/db/tables.js'

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

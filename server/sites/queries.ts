import type { TeamTx } from '../platform/access/ctx.js'
import type { EnvironmentVariablesRow, SitesRow } from '../platform/db/tables.js'

export const maybeSite = (tx: TeamTx, slug: string): Promise<SitesRow | undefined> =>
  tx.db('sites').select('*').where({ slug, team_id: tx.ctx.team.id }).first()

export const maybeSiteById = (tx: TeamTx, id: string): Promise<SitesRow | undefined> =>
  tx.db('sites').select('*').where({ id, team_id: tx.ctx.team.id }).first()

/** Locks the row to the end of the transaction, for whoever decides by its state. */
export const lockSite = (tx: TeamTx, id: string): Promise<SitesRow | undefined> =>
  tx.db('sites').select('*').where({ id, team_id: tx.ctx.team.id }).forUpdate().first()

/** By key. */
export const environmentOf = (tx: TeamTx, siteId: string): Promise<EnvironmentVariablesRow[]> =>
  tx.db('environment_variables').select('*').where({ site_id: siteId, team_id: tx.ctx.team.id }).orderBy('key')

export async function setLiveRelease(tx: TeamTx, siteId: string, releaseId: string | null): Promise<void> {
  await tx
    .db('sites')
    .where({ id: siteId, team_id: tx.ctx.team.id })
    .update({
      live_release_id: releaseId,
      // Going live makes a site active; losing its only release makes it inactive again. Other states are not touched.
      state: releaseId
        ? tx.db.raw("case when state = 'inactive' then 'active' else state end")
        : tx.db.raw("case when state = 'active' then 'inactive' else state end"),
    })
}

/** How the last deploy that came to an end went: the failed one, or null. */
export const setFailingDeploy = async (tx: TeamTx, siteId: string, deployId: string | null): Promise<void> =>
  void (await tx.db('sites').where({ id: siteId, team_id: tx.ctx.team.id }).update({ failing_deploy_id: deployId }))

/** Numbers releases without gaps or repeats; the row is locked until the commit. */
export async function takeReleaseNumber(tx: TeamTx, siteId: string): Promise<number> {
  const [row] = await tx
    .db('sites')
    .where({ id: siteId, team_id: tx.ctx.team.id })
    .update({ next_release: tx.db.raw('next_release + 1') })
    .returning('next_release')
  if (!row) throw new Error('The site is gone')
  return row.next_release - 1
}

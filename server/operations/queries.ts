import type { TeamTx } from '../platform/access/ctx.js'
import type { DeploysRow, SitesRow } from '../platform/db/tables.js'

export interface OperatedDeploy {
  number: DeploysRow['number']
  site_slug: SitesRow['slug']
  site_name: SitesRow['name']
}

/** Which deploy an operation is, if any: its page says more about it. */
export const maybeDeployOf = (tx: TeamTx, operationId: string): Promise<OperatedDeploy | undefined> =>
  tx
    .db('deploys as d')
    .join('sites as s', 's.id', 'd.site_id')
    .where({ 'd.operation_id': operationId, 'd.team_id': tx.ctx.team.id })
    .select('d.number', 's.slug as site_slug', 's.name as site_name')
    .first()

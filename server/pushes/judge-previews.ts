import type { PullRequest } from '../git/hosts/pull-request.js'
import type { TeamTx } from '../platform/access/ctx.js'
import type { DeliveryVerdictsRow, SitesRow } from '../platform/db/tables.js'
import { judgePullRequest } from '../previews/previews.js'

/** What these deliveries, the oldest first, mean for the previews of one site. */
export async function judgePreviews(
  tx: TeamTx,
  site: SitesRow,
  told: readonly { id: string; pullRequest: PullRequest }[],
): Promise<DeliveryVerdictsRow[]> {
  const rows: DeliveryVerdictsRow[] = []
  for (const { id, pullRequest } of told)
    rows.push({
      ...(await judgePullRequest(tx, site, pullRequest)),
      ...{ delivery_id: id, site_id: site.id, team_id: tx.ctx.team.id, judged_at: tx.ctx.now(), deploy_id: null },
    })
  return rows
}

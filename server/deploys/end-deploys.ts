import type { TeamTx } from '../platform/access/ctx.js'
import { cancelOperation, foldOperation } from '../platform/operations/request.js'
import * as queries from './queries.js'

/** Ends every deploy of a site that runs or waits, because the site shall not run any more. What runs undoes itself first. */
export async function endDeploys(tx: TeamTx, siteId: string, why: string): Promise<void> {
  for (const deploy of await queries.openDeploys(tx, siteId)) {
    const ended = deploy.status === 'queued' && (await foldOperation(tx, deploy.operation_id, why))
    if (!ended) await cancelOperation(tx, deploy.operation_id)
  }
}

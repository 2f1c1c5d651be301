import type { TeamTx } from '../platform/access/ctx.js'
import { append } from '../platform/events/append.js'
import { cancelOperation, foldOperation } from '../platform/operations/request.js'
import * as queries from './queries.js'

/** Ends every deploy of a site that runs or waits, because the site shall not run any more. What runs undoes itself first. */
export async function endDeploys(tx: TeamTx, siteId: string, why: string): Promise<void> {
  const neverBegun: queries.DeployWithOperation[] = []
  for (const deploy of await queries.openDeploys(tx, siteId)) {
    const ended = deploy.status === 'queued' && (await foldOperation(tx, deploy.operation_id, why))
    if (ended) neverBegun.push(deploy)
    else await cancelOperation(tx, deploy.operation_id)
  }
  // What runs tells of its end itself, when it has undone what it began.
  for (const { number, commit_sha } of neverBegun)
    await append(tx, {
      type: 'deploy.cancelled',
      subject: { kind: 'site', id: siteId },
      data: { deploy: number, commit: commit_sha, why },
    })
}

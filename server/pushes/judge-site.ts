import { ensureDeploy, newestBranchDeploy } from '../deploys/deploys.js'
import type { Push } from '../git/hosts/host.js'
import { TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import type { DeliveryVerdictsRow, SitesRow } from '../platform/db/tables.js'
import { recordSeen } from '../sites/sites.js'
import { isLeftOut, judge } from './rules.js'

/** A delivery that is a push. */
export interface Pushed {
  readonly id: string
  readonly push: Push
}

/**
 * What these pushes, the oldest first, mean for one site. However many there are, they ask for one deploy, since a deploy
 * takes the newest commit of the branch.
 */
export async function judgeSite(tx: TeamTx, site: SitesRow, pushes: readonly Pushed[]): Promise<DeliveryVerdictsRow[]> {
  const judged = pushes.map((pushed) => ({ ...pushed, ...judge(pushed.push, site, tx.ctx.now()) }))
  const newest = judged.findLast(({ verdict }) => verdict === 'deployed')
  const deploy = newest ? await deployFor(tx, site, newest.push) : null

  const known = judged.findLast(({ verdict }) => verdict === 'deployed' || isLeftOut(verdict))
  if (known?.push.commit) await recordSeen(tx, site.id, known.push.commit, newest !== undefined)

  return judged.map(({ id, verdict, detail }) => ({
    ...{ delivery_id: id, site_id: site.id, team_id: tx.ctx.team.id, judged_at: tx.ctx.now(), detail },
    verdict: verdict === 'deployed' && deploy ? (id === newest?.id ? deploy.verdict : 'folded') : verdict,
    deploy_id: verdict === 'deployed' ? (deploy?.id ?? null) : null,
  }))
}

async function deployFor(
  tx: TeamTx,
  site: SitesRow,
  push: Push,
): Promise<{ id: string | null; verdict: 'deployed' | 'folded' | 'already-deployed' }> {
  const last = await newestBranchDeploy(tx, site.id)
  if (last?.commit_sha === push.commit && last.status !== 'failed' && last.status !== 'cancelled')
    return { id: last.id, verdict: 'already-deployed' }
  const { deploy, isNew } = await ensureDeploy(byPusher(tx, push), site.slug, 'push')
  return { id: deploy.id, verdict: isNew ? 'deployed' : 'folded' }
}

/** A replay is asked for by a person; all else by whoever pushed. */
const byPusher = (tx: TeamTx, { pusher }: Push): TeamTx =>
  tx.ctx.actor.kind === 'system'
    ? { ...tx, ctx: TeamCtx.system(tx.ctx.services, tx.ctx.team, `${pusher ?? 'somebody'} (push)`) }
    : tx

import { ensureDeploy, maybeDeployOf, newestBranchDeploy } from '../deploys/deploys.js'
import type { Push } from '../git/hosts/host.js'
import { TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import type { DeliveryVerdictsRow, SitesRow } from '../platform/db/tables.js'
import { recordSeen } from '../sites/sites.js'
import { teamVerdict } from '../teams/teams.js'
import { isLeftOut, type Judgement, judge } from './rules.js'

/** A delivery that is a push. */
export interface Pushed {
  readonly id: string
  readonly push: Push
}

type Judged = Pushed & Judgement

/**
 * What these pushes, the oldest first, mean for one site. However many there are, they ask for one deploy, since a deploy
 * takes the newest commit of the branch.
 */
export async function judgeSite(tx: TeamTx, site: SitesRow, pushes: readonly Pushed[]): Promise<DeliveryVerdictsRow[]> {
  const verdict = await teamVerdict(tx)
  const closed = verdict.ok ? null : verdict
  const judged = pushes.map((pushed) => ({ ...pushed, ...judge(pushed.push, site, tx.ctx.now(), closed) }))
  const newest = judged.findLast(({ verdict }) => verdict === 'deployed')
  const deploy = newest ? await deployFor(tx, site, newest.push) : null
  await see(tx, site, judged)

  const rows: DeliveryVerdictsRow[] = []
  for (const { id, push, verdict, detail } of judged) {
    const about = { delivery_id: id, site_id: site.id, team_id: tx.ctx.team.id, judged_at: tx.ctx.now() }
    if (verdict === 'deployed' && deploy)
      rows.push({ ...about, verdict: id === newest?.id ? deploy.verdict : 'folded', detail, deploy_id: deploy.id })
    else if (verdict === 'already-deployed') rows.push({ ...about, verdict, ...(await earlier(tx, site, push)) })
    else rows.push({ ...about, verdict, detail, deploy_id: null })
  }
  return rows
}

/**
 * The newest commit that was decided on. What is left out counts only where nothing that nobody told of lies before it:
 * whoever asks the repository would take that for decided on, too.
 */
async function see(tx: TeamTx, site: SitesRow, judged: readonly Judged[]): Promise<void> {
  // Before anything was decided on, it is what the newest deploy has taken.
  let known = site.seen_commit ?? (await newestBranchDeploy(tx, site.id))?.commit_sha ?? null
  let isDeployed: boolean | undefined
  for (const { push, verdict } of judged) {
    const isNext = isLeftOut(verdict) && push.before !== null && push.before === known
    if (verdict !== 'deployed' && !isNext) continue
    known = push.commit
    isDeployed = verdict === 'deployed'
  }
  if (known !== null && isDeployed !== undefined) await recordSeen(tx, site.id, known, isDeployed)
}

/** "Deployed before" says nothing of how that went. */
async function earlier(tx: TeamTx, site: SitesRow, { commit }: Push) {
  const deploy = await maybeDeployOf(tx, site.id, commit ?? '')
  const hasFailed = deploy?.status === 'failed'
  return {
    deploy_id: deploy?.id ?? null,
    detail: hasFailed ? 'That deploy failed. Deploy the site by hand to try it again' : null,
  }
}

async function deployFor(
  tx: TeamTx,
  site: SitesRow,
  push: Push,
): Promise<{ id: string | null; verdict: 'deployed' | 'folded' | 'already-deployed' }> {
  const last = await newestBranchDeploy(tx, site.id)
  if (last?.commit_sha === push.commit && last.status !== 'failed' && last.status !== 'cancelled')
    return { id: last.id, verdict: 'already-deployed' }
  const { deploy, isNew } = await ensureDeploy(byPusher(tx, push), site.slug, { by: 'push' })
  return { id: deploy.id, verdict: isNew ? 'deployed' : 'folded' }
}

/** A replay is asked for by a person; all else by whoever pushed. */
const byPusher = (tx: TeamTx, { pusher }: Push): TeamTx =>
  tx.ctx.actor.kind === 'system'
    ? { ...tx, ctx: TeamCtx.system(tx.ctx.services, tx.ctx.team, `${pusher ?? 'somebody'} (push)`) }
    : tx

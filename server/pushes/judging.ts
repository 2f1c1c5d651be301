import { findConnection } from '../connections/connections.js'
import { ensureDeploy } from '../deploys/deploys.js'
import type { HookEvent, Push } from '../git/hosts/host.js'
import { gitHosts } from '../git/hosts/hosts.js'
import { payloadText } from '../git/hosts/payload.js'
import { TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import type { SitesRow } from '../platform/db/tables.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import { lockSitesOf, recordSeen } from '../sites/sites.js'
import * as queries from './queries.js'
import { isLeftOut, judge } from './rules.js'

/** Looks at a delivery that was kept. Twice is once: a site that it has deployed is not deployed by it again. */
export async function judgeKept(services: Services, deliveryId: string): Promise<void> {
  const team = await services.db.asSystem(async (db) => {
    const found = await queries.teamOfDelivery(db, deliveryId)
    return found && maybeTeam(db, found.team_id)
  })
  if (!team) return
  await TeamCtx.system(services, team).transaction((tx) => judgeIn(tx, deliveryId))
}

/** One transaction for all of it: either each site has its verdict, and its deploy, or the delivery waits as before. */
export async function judgeIn(tx: TeamTx, id: string): Promise<void> {
  if (!(await queries.lockDelivery(tx, id))) return
  const [delivery, body] = [await queries.maybeDelivery(tx, id), await queries.bodyOf(tx, id)]
  if (!delivery || !body) return
  const event = readEvent(delivery, body)
  if (event.kind === 'unreadable') return queries.setOutcome(tx, id, { outcome: 'unreadable', why: event.why })
  if (event.kind !== 'push') return queries.setOutcome(tx, id, { outcome: event.kind, why: null })

  const { push } = event
  const said = {
    branch: push.branch?.slice(0, 300) ?? null,
    commit_sha: push.commit,
    commit_subject: push.subject,
    pusher: push.pusher,
  }
  const { repository_key: key } = await findConnection(tx, delivery.connection_id)
  // The secret of one repository is no right to speak for another.
  if (!push.repositoryKeys.includes(key))
    return queries.setOutcome(tx, id, { ...said, outcome: 'other-repository', why: null })
  await judgeSites(tx, id, push, await lockSitesOf(tx, key))
  await queries.setOutcome(tx, id, { ...said, outcome: 'judged', why: null })
}

function readEvent(delivery: queries.Delivery, body: Buffer): HookEvent {
  try {
    return gitHosts[delivery.host].read(delivery.event, JSON.parse(payloadText(body, contentTypeOf(delivery))))
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error
    return { kind: 'unreadable', why: 'It is not JSON' }
  }
}

const contentTypeOf = ({ headers }: queries.Delivery) => (headers as Record<string, string>)['content-type'] // `as`: written by us

async function judgeSites(tx: TeamTx, deliveryId: string, push: Push, sites: readonly SitesRow[]): Promise<void> {
  const decided = await queries.decidedSites(tx, deliveryId)
  for (const site of sites.filter(({ id }) => !decided.has(id))) {
    const { verdict, detail } = judge(push, site, tx.ctx.now())
    const deployed = verdict === 'deployed' ? await ensureDeploy(byPusher(tx, push), site.slug, 'push') : null
    if (push.commit && (deployed || isLeftOut(verdict))) await recordSeen(tx, site.id, push.commit, deployed !== null)
    await queries.putVerdict(tx, {
      ...{ delivery_id: deliveryId, site_id: site.id, team_id: tx.ctx.team.id, judged_at: tx.ctx.now() },
      ...{ verdict: deployed && !deployed.isNew ? 'folded' : verdict, detail },
      deploy_id: deployed?.deploy.id ?? null,
    })
  }
}

/** A replay is asked for by a person; all else by whoever pushed. */
const byPusher = (tx: TeamTx, { pusher }: Push): TeamTx =>
  tx.ctx.actor.kind === 'system'
    ? { ...tx, ctx: TeamCtx.system(tx.ctx.services, tx.ctx.team, `${pusher ?? 'somebody'} (push)`) }
    : tx

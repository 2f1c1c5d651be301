import type { TeamTx } from '../platform/access/ctx.js'
import type { DeploysRow, SitesRow } from '../platform/db/tables.js'
import { notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { newId } from '../platform/ids.js'
import { cancelOperation, foldOperation, requestOperation } from '../platform/operations/request.js'
import { refuseUnless } from '../platform/verdict.js'
import { findSite, lockSite } from '../sites/sites.js'
import { teamVerdict } from '../teams/teams.js'
import { deployOperation } from './deploy-operation.js'
import * as queries from './queries.js'
import { deployCan } from './rules.js'

export type { KeyChange } from './changes.js'
export { endDeploys } from './end-deploys.js'
export { instanceLogs, type LoggedInstance, maybeLiveInstance } from './instance-logs.js'
export { type PendingChanges, pendingChanges } from './pending.js'
export {
  type DeployWithOperation,
  deploysOf,
  instancesOf,
  lastLiveDeploy,
  lastLiveRelease,
  maybeDeployOf,
  newestBranchDeploy,
} from './queries.js'
export { type DeployStatus, deployCan, type ShownDeploy, shown, statusOf } from './rules.js'
export { isListening } from './runtimes/listening.js'
export type { Detection } from './stacks/stack.js'
export { detect } from './stacks/stacks.js'
export { instanceGone, noLongerLive, runtimesUsed } from './stopping.js'

/** So many deploys may run on one server at once; the rest wait their turn. */
const deploysAtOnce = 2

export interface DeployWish {
  commit?: string
  /** What asked for it, when it was no person. */
  by?: 'push' | 'reconcile' | 'hook'
  /** It ends by itself where nothing that came after this commit counts for the site. */
  unlessLeftOutSince?: string | null
}

/**
 * Asks for a deploy of the newest commit of the site's branch, of the commit that it is pinned to, or of one exact commit. Deploys of the site that still
 * wait are folded into this one. Returns the deploy's number.
 */
export async function requestDeploy(
  tx: TeamTx,
  slug: string,
  wish: DeployWish = {},
): Promise<queries.DeployWithOperation> {
  const site = await lockedSite(tx, slug)
  refuseUnless(deployCan.deploy(site))
  const waiting = await queries.waitingDeploys(tx, site.id)

  const deploy = await createDeploy(tx, site, {
    kind: 'deploy',
    commit_sha: wish.commit ?? site.pinned_commit,
    target_release_id: null,
    // What it takes the place of, somebody may have asked for.
    unless_left_out_since: waiting.length > 0 ? null : (wish.unlessLeftOutSince ?? null),
  })
  for (const older of waiting) {
    if (await foldOperation(tx, older.operation_id, `A newer deploy, number ${deploy.number}, took its place`)) {
      await queries.updateDeploy(tx, older.id, { folded_into: deploy.id })
    }
  }
  await append(tx, {
    type: 'deploy.requested',
    subject: { kind: 'site', id: site.id, name: site.name },
    data: {
      deploy: deploy.number,
      branch: site.branch,
      folded: waiting.map((older) => older.number),
      ...(wish.by && { by: wish.by }),
    },
  })
  return deploy
}

/**
 * For what may ask a hundred times a minute: a deploy that still waits will take the newest commit, so there is no need
 * for another. It then no longer ends by itself, unless this one would too.
 */
export async function ensureDeploy(
  tx: TeamTx,
  slug: string,
  wish: Required<Pick<DeployWish, 'by'>> & Pick<DeployWish, 'unlessLeftOutSince'>,
): Promise<{ deploy: queries.DeployWithOperation; isNew: boolean }> {
  const site = await lockedSite(tx, slug)
  const waiting = (await queries.waitingDeploys(tx, site.id)).find((deploy) => deploy.commit_sha === null)
  if (!waiting) return { deploy: await requestDeploy(tx, slug, wish), isNew: true }
  if (!wish.unlessLeftOutSince) await queries.updateDeploy(tx, waiting.id, { unless_left_out_since: null })
  return { deploy: waiting, isNew: false }
}

/** A new deploy of an old release, with its build, its settings and its environment already there. */
export async function requestRollback(
  tx: TeamTx,
  slug: string,
  releaseNumber: number,
): Promise<queries.DeployWithOperation> {
  const site = await lockedSite(tx, slug)
  refuseUnless(deployCan.deploy(site))
  const release = await queries.maybeReleaseByNumber(tx, site.id, releaseNumber)
  if (!release) throw notFound('release')
  refuseUnless(deployCan.rollBackTo(site, release))

  const deploy = await createDeploy(tx, site, {
    kind: 'rollback',
    commit_sha: release.commit_sha,
    target_release_id: release.id,
    unless_left_out_since: null,
  })
  await append(tx, {
    type: 'deploy.rollback-requested',
    subject: { kind: 'site', id: site.id, name: site.name },
    data: { deploy: deploy.number, release: releaseNumber },
  })
  return deploy
}

export async function cancelDeploy(tx: TeamTx, slug: string, number: number): Promise<queries.DeployWithOperation> {
  const deploy = await findDeploy(tx, slug, number)
  refuseUnless(deployCan.cancel(deploy))
  await cancelOperation(tx, deploy.operation_id)
  return findDeploy(tx, slug, number)
}

/** @throws UserError 404, also for another team's site */
export async function findDeploy(tx: TeamTx, slug: string, number: number): Promise<queries.DeployWithOperation> {
  const site = await findSite(tx, slug)
  const deploy = Number.isInteger(number) && number < 2 ** 31 && (await queries.maybeDeploy(tx, site.id, number))
  if (!deploy) throw notFound('deploy')
  return deploy
}

async function createDeploy(
  tx: TeamTx,
  site: SitesRow,
  what: Pick<DeploysRow, 'kind' | 'commit_sha' | 'target_release_id' | 'unless_left_out_since'>,
): Promise<queries.DeployWithOperation> {
  const id = newId()
  const number = await queries.nextDeployNumber(tx, site.id)
  const operationId = await requestOperation(tx, deployOperation, {
    input: { deployId: id },
    subject: `site:${site.id}`,
    pool: { name: `server:${site.server_id}`, limit: deploysAtOnce },
    title: what.kind === 'rollback' ? `Roll ${site.name} back` : `Deploy ${site.name}`,
  })
  await queries.insertDeploy(tx, {
    ...what,
    id,
    number,
    team_id: tx.ctx.team.id,
    site_id: site.id,
    operation_id: operationId,
    branch: site.branch,
    requested_by: tx.ctx.actor.name,
    created_at: tx.ctx.now(),
  })
  const deploy = await queries.maybeDeployById(tx, id)
  if (!deploy) throw new Error('The deploy was not written')
  return deploy
}

/** Deciding and writing happen under the row's lock, so two requests in one millisecond follow each other. */
async function lockedSite(tx: TeamTx, slug: string): Promise<SitesRow> {
  const { id } = await findSite(tx, slug)
  const site = await lockSite(tx, id)
  if (!site) throw notFound('site')
  refuseUnless(await teamVerdict(tx))
  return site
}

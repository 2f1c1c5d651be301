import { siteFence } from '../../server/deploys/places.js'
import { instancesOf, updateDeploy, updateInstance, updateRelease } from '../../server/deploys/queries.js'
import type { Release } from '../../server/deploys/releases.js'
import type { TeamTx } from '../../server/platform/access/ctx.js'
import { UserError } from '../../server/platform/errors.js'
import { append } from '../../server/platform/events/append.js'
import { setLiveRelease } from '../../server/sites/sites.js'
import type { DeployStep } from './context.js'
import { instanceOf, type KnownInstance, retireDraining } from './instances.js'
import { instancePlan, runtimeOf } from './plans.js'
import { showLines } from './verdict.js'

/**
 * Takes a release back that died in the watch. 1. The decision is written down, so that a lost worker's successor goes on
 * with it. 2. Visitors get the old instance again. 3. The rows follow. 4. The dead one is removed. Each may run twice.
 * @throws always: the deploy has failed, and says why
 */
export async function goBack(step: DeployStep, release: Release, fault: string): Promise<never> {
  const { deploy, host, place, site } = step.context
  const dead = await instanceOf(step)
  if (release.row.artifact !== null)
    showLines(step, await runtimeOf(step, release).observe(host, instancePlan(place, release, dead)))
  await step.transaction((tx) => updateDeploy(tx, deploy.id, { rolled_back_at: tx.ctx.now() }))

  const instances = await step.transaction((tx) => instancesOf(tx, site.id))
  const old = instances.find(({ id, state }) => id !== dead.id && (state === 'draining' || state === 'live'))
  await serve(step, old)
  if (dead.state === 'live') await step.transaction((tx) => recordReturn(tx, step, dead.id, release, old))
  await removeDead(step, release)

  const now = old ? `Release ${old.release_number} serves again.` : 'Nothing was live before it, so nothing is now.'
  throw new UserError(409, `Rolled back: ${fault}`, `${now} The last lines of the new release are in the log.`)
}

async function serve(step: DeployStep, old: KnownInstance | undefined): Promise<void> {
  const { edge, edgeSite, host, place } = step.context
  const fence = siteFence(host, place, step.fence)
  if (old) await edge.switchTo(host, edgeSite, `127.0.0.1:${old.port}`, fence)
  else await edge.clear(host, edgeSite, fence)
}

async function recordReturn(
  tx: TeamTx,
  step: DeployStep,
  deadId: string,
  release: Release,
  old: KnownInstance | undefined,
): Promise<void> {
  const { deploy, site } = step.context
  await updateInstance(tx, deadId, { state: 'draining' })
  // What was gone back to by hand was good once, and stays to be tried again.
  await updateRelease(tx, release.row.id, { state: deploy.kind === 'rollback' ? 'kept' : 'failed' })
  if (old) {
    await updateInstance(tx, old.id, { state: 'live' })
    await updateRelease(tx, old.release_id, { state: 'live' })
  }
  await setLiveRelease(tx, site.id, old?.release_id ?? null)
  await append(tx, {
    type: 'deploy.rolled-back',
    subject: { kind: 'site', id: site.id, name: site.name },
    data: { deploy: deploy.number, release: release.row.number },
  })
}

async function removeDead(step: DeployStep, release: Release): Promise<void> {
  await retireDraining(step)
  if (step.context.deploy.kind === 'rollback') return
  const { host, place } = step.context
  await runtimeOf(step, release).removeRelease(host, { place, release: release.row.number })
  await step.transaction((tx) => updateRelease(tx, release.row.id, { artifact: null }))
}

import { updateRelease } from '../../../server/deploys/queries.js'
import type { DeployStep } from '../context.js'
import { buildPlan, releaseOf, runtimeOf, workIo } from '../plans.js'

export const buildDeadlineMs = 30 * 60_000

export async function build(step: DeployStep): Promise<void> {
  const release = await releaseOf(step)
  if (release.row.artifact !== null) return step.log.note(`Release ${release.row.number} is already built`)

  const { artifact } = await runtimeOf(step, release).build(
    step.context.host,
    buildPlan(step, release),
    workIo(step, 'build', buildDeadlineMs),
  )
  await step.transaction((tx) => updateRelease(tx, release.row.id, { artifact }))
}

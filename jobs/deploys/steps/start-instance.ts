import type { DeployStep } from '../context.js'
import { instanceOf } from '../instances.js'
import { instancePlan, releaseOf, runtimeOf } from '../plans.js'

/** Beside the old one, which keeps serving. */
export async function startInstance(step: DeployStep): Promise<void> {
  const release = await releaseOf(step)
  const instance = await instanceOf(step)
  await runtimeOf(step, release).start(step.context.host, instancePlan(step.context.place, release, instance))
  step.log.note(`Release ${release.row.number} is starting on port ${instance.port}`)
}

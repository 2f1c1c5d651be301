import type { DeployStep } from '../context.js'
import { instancePlan, releaseAndInstance, runtimeOf } from '../plans.js'

/** Beside the old one, which keeps serving. */
export async function startInstance(step: DeployStep): Promise<void> {
  const { release, instance } = await releaseAndInstance(step)
  await runtimeOf(step, release).start(step.context.host, instancePlan(step.context.place, release, instance))
  step.log.note(`Release ${release.row.number} is starting on port ${instance.port}`)
}

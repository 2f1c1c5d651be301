import type { DeployStep } from '../context.js'
import { instanceOf } from '../instances.js'
import { instancePlan, releaseOf, runtimeOf, workIo } from '../plans.js'

export const releaseCommandDeadlineMs = 15 * 60_000

/**
 * Migrations and the like. The old release still serves while it runs and may serve again afterwards, so what it does
 * must be something that the old release can live with: it is neither undone nor run again for a rollback.
 */
export async function runReleaseCommand(step: DeployStep): Promise<void> {
  const release = await releaseOf(step)
  const command = release.settings.release_command
  if (command === null) return step.log.note('The site has no release command')
  if (step.context.deploy.kind === 'rollback') return step.log.note('Not run again when going back')

  const plan = instancePlan(step.context.place, release, await instanceOf(step))
  await runtimeOf(step, release).release(
    step.context.host,
    plan,
    command,
    workIo(step, 'release-command', releaseCommandDeadlineMs),
  )
}

import { sourceFolder } from '../../../server/deploys/places.js'
import { updateRelease } from '../../../server/deploys/queries.js'
import { cmd } from '../../../server/platform/shell/command.js'
import type { DeployStep } from '../context.js'
import { buildPlan, releaseOf, runtimeOf, workIo } from '../plans.js'

export const buildDeadlineMs = 30 * 60_000

export async function build(step: DeployStep): Promise<void> {
  const release = await releaseOf(step)
  if (release.row.artifact !== null) return step.log.note(`Release ${release.row.number} is already built`)

  const { host, place } = step.context
  const { artifact } = await runtimeOf(step, release).build(
    host,
    buildPlan(step, release),
    workIo(step, 'build', buildDeadlineMs),
  )
  await step.transaction((tx) => updateRelease(tx, release.row.id, { artifact }))
  await host.run(cmd('rm', '-rf', '--', sourceFolder(place, release.row.number)), {
    timeoutMs: 60_000,
    signal: step.signal,
  })
}

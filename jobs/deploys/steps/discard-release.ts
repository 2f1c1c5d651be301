import { sourceFolder } from '../../../server/deploys/places.js'
import { maybeDeployById, maybeRelease, updateRelease } from '../../../server/deploys/queries.js'
import type { ReleasesRow } from '../../../server/platform/db/tables.js'
import { cmd } from '../../../server/platform/shell/command.js'
import type { DeployStep } from '../context.js'

/** Leaves nothing of a release that was not finished. One that was built earlier, and is only gone back to, stays. */
export async function discardRelease(step: DeployStep): Promise<void> {
  const { deploy, host, place, parts } = step.context
  const release = await newestRelease(step)
  if (!release || deploy.kind === 'rollback') return

  await parts.runtimes[release.runtime].removeRelease(host, { place, release: release.number })
  const remove = cmd('rm', '-rf', '--', sourceFolder(place, release.number))
  await host.run(remove, { timeoutMs: 60_000, signal: step.signal })
  await step.transaction((tx) => updateRelease(tx, release.id, { state: 'failed', artifact: null }))
}

/** Read anew: the context is older than the release that this very run made. */
const newestRelease = (step: DeployStep): Promise<ReleasesRow | undefined> =>
  step.transaction(async (tx) => {
    const deploy = await maybeDeployById(tx, step.context.deploy.id)
    return deploy?.release_id ? maybeRelease(tx, deploy.release_id) : undefined
  })

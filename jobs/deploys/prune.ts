import { mirrorFolder, sourcesFolder } from '../../server/deploys/places.js'
import { instancesOf, openDeploys, prunableReleases, releasesOf, updateRelease } from '../../server/deploys/queries.js'
import { forgetCommits } from '../../server/git/kept-commits.js'
import { cmd } from '../../server/platform/shell/command.js'
import type { DeployStep } from './context.js'
import { removeInstance } from './instances.js'

/** Keeps so many runnable releases as the site wants, and removes from the server whatever no row knows of. */
export async function prune(step: DeployStep): Promise<void> {
  const { host, place, parts, site } = step.context
  for (const release of await step.transaction((tx) => prunableReleases(tx, site.id, site.keep_releases))) {
    await parts.runtimes[release.runtime].removeRelease(host, { place, release: release.number })
    // One that never ran stays known as such.
    const state = release.state === 'kept' ? 'pruned' : 'failed'
    await step.transaction((tx) => updateRelease(tx, release.id, { state, artifact: null }))
    if (state === 'pruned') step.log.note(`Release ${release.number} is no longer kept`)
  }
  await removeStarting(step)
  await Promise.all([removeUnknown(step), forgetSources(step)])
}

/** Of an earlier deploy that could not undo them, as its server was out of reach: this one holds the site now, and its own is live. */
async function removeStarting(step: DeployStep): Promise<void> {
  const instances = await step.transaction((tx) => instancesOf(tx, step.context.site.id))
  for (const instance of instances.filter(({ state }) => state === 'starting')) await removeInstance(step, instance)
}

async function removeUnknown(step: DeployStep): Promise<void> {
  const { host, place, parts, site } = step.context
  const [instances, releases] = await step.transaction(async (tx) => [
    await instancesOf(tx, site.id),
    await releasesOf(tx, site.id, 1000),
  ])
  const kept = new Set(releases.filter(({ artifact }) => artifact !== null).map(({ number }) => number))

  // A machine need not have a runtime that the site never used.
  for (const name of new Set(releases.map((release) => release.runtime))) {
    const runtime = parts.runtimes[name]
    const found = await runtime.listLeftovers(host, place)
    for (const { release, port } of found.instances) {
      if (!instances.some((instance) => instance.port === port))
        await runtime.removeInstance(host, { place, release, port })
    }
    for (const release of found.releases) if (!kept.has(release)) await runtime.removeRelease(host, { place, release })
  }
}

/**
 * What images were built from goes; a process runs in its source, which has moved. A commit is there for as long as a
 * release of it is kept, or a deploy that still waits may want it.
 */
async function forgetSources(step: DeployStep): Promise<void> {
  const { host, place, site } = step.context
  const needed = await step.transaction(async (tx) => [
    ...(await releasesOf(tx, site.id, 1000)).filter(({ artifact }) => artifact !== null),
    ...(await openDeploys(tx, site.id)),
  ])
  const commits = new Set(needed.map(({ commit_sha: sha }) => sha ?? ''))
  await Promise.all([
    host.run(cmd('rm', '-rf', '--', sourcesFolder(place)), { timeoutMs: 10 * 60_000 }),
    forgetCommits(host, mirrorFolder(place), commits),
  ])
}

import { readNodeWish } from '../../../server/deploys/node-versions/read-wish.js'
import { mirrorFolder } from '../../../server/deploys/places.js'
import { updateRelease } from '../../../server/deploys/queries.js'
import type { Release } from '../../../server/deploys/releases.js'
import { parseCommitSha } from '../../../server/git/ref-name.js'
import { sourceTree } from '../../../server/git/tree.js'
import type { DeployStep } from '../context.js'
import { buildPlan, releaseOf, runtimeOf, workIo } from '../plans.js'

/** Puts everything in place that the build needs: the user, the folders, and exactly the Node that was asked for. */
export async function prepareBuild(step: DeployStep): Promise<void> {
  const release = await releaseOf(step)
  if (release.row.artifact !== null) return step.log.note(`Release ${release.row.number} is already built`)

  const node_version = release.row.node_version ?? (await chooseNode(step, release))
  await step.transaction((tx) => updateRelease(tx, release.row.id, { node_version }))
  const plan = buildPlan(step, { ...release, row: { ...release.row, node_version } })
  await runtimeOf(step, release).prepareBuild(step.context.host, plan, workIo(step, 'prepare', 10 * 60_000))
}

/** Said before the build, also when it cannot be had. An image of one's own brings its own. */
async function chooseNode(step: DeployStep, release: Release): Promise<string | null> {
  const { settings, row } = release
  if (settings.stack === 'dockerfile') return null
  const { host, place, parts } = step.context
  const io = { signal: step.signal }
  const tree = sourceTree(host, { folder: mirrorFolder(place) }, parseCommitSha(row.commit_sha), io)

  const wish = await readNodeWish(tree, settings.root_folder, settings.node_version)
  const version = await parts.nodeVersions.choose(host, wish)
  step.log.note(
    wish ? `Node ${version}, for “${wish.text}” in ${wish.from}` : `Node ${version}; nothing asks for another`,
  )
  return version
}

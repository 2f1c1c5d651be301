import { instanceGone, instancesOf, noLongerLive } from '../../server/deploys/deploys.js'
import { siteFence } from '../../server/deploys/places.js'
import type { OperationDeclaration } from '../../server/platform/operations/declare.js'
import type { StepRun } from '../../server/platform/operations/handle.js'
import { cmd } from '../../server/platform/shell/command.js'
import type { SiteContext } from './context.js'

type Step = StepRun<OperationDeclaration, SiteContext | null>

/** Visitors are told that nothing is here; the rows follow what was done. */
export async function turnVisitorsAway({ context, fence, log, signal, transaction }: Step): Promise<void> {
  if (!context) return log.note('The site is gone already')
  const { edge, edgeSite, host, place, site } = context
  // A site that never got to its first deploy has no folder, and nobody who could be turned away.
  if ((await host.status(cmd('test', '-d', place.folder), { timeoutMs: 30_000, signal })) === 0) {
    await host.run(cmd('mkdir', '-p', '--', `${place.folder}/upstream`), { timeoutMs: 30_000, signal })
    await edge.clear(host, edgeSite, siteFence(host, place, fence))
  }
  await transaction((tx) => noLongerLive(tx, site.id))
  log.note('Visitors get nothing of it any more')
}

/** What still answers somebody may end that first. */
export async function stopInstances({ context, log, transaction }: Step): Promise<void> {
  if (!context) return
  const { host, parts, place, site } = context
  for (const instance of await transaction((tx) => instancesOf(tx, site.id))) {
    const runtime = parts.runtimes[instance.runtime]
    const id = { place, release: instance.release_number, port: instance.port }
    await runtime.removeInstance(host, id, { drainSeconds: 10 })
    await transaction((tx) => instanceGone(tx, instance.id))
    log.note(`The instance of release ${instance.release_number} was stopped`)
  }
}

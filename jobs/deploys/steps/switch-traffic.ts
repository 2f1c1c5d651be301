import { siteFence } from '../../../server/deploys/places.js'
import {
  instancesOf,
  retireLiveRelease,
  updateDeploy,
  updateInstance,
  updateRelease,
} from '../../../server/deploys/queries.js'
import { accessOf, forgetFronts } from '../../../server/domains/domains.js'
import { takeOver } from '../../../server/domains/edges/take-over.js'
import { setEdge, setLiveRelease } from '../../../server/sites/sites.js'
import type { DeployStep } from '../context.js'
import { releaseAndInstance } from '../plans.js'

/**
 * The commit point. 1. The edge knows the site (a change of configuration only the first time, and when the server has got
 * another edge). 2. One rename on the server, refused for a worker that was asleep. 3. The rows follow; killed in between, the
 * rename is done again and changes nothing.
 */
export async function switchTraffic(step: DeployStep): Promise<{ switchedAt: string }> {
  const { deploy, edge, edgeSite, host, place, site } = step.context
  const { release, instance } = await releaseAndInstance(step)

  await ensureEdge(step)
  await edge.switchTo(host, edgeSite, `127.0.0.1:${instance.port}`, siteFence(host, place, step.fence))
  await step.transaction(async (tx) => {
    const others = (await instancesOf(tx, site.id)).filter(({ id, state }) => id !== instance.id && state === 'live')
    for (const other of others) await updateInstance(tx, other.id, { state: 'draining' })
    const [replaced] = others
    if (replaced) await updateDeploy(tx, deploy.id, { replaced_release_id: replaced.release_id })
    await updateInstance(tx, instance.id, { state: 'live' })
    await retireLiveRelease(tx, site.id, release.row.id)
    await updateRelease(tx, release.row.id, { state: 'live', live_at: tx.ctx.now() })
    await setLiveRelease(tx, site.id, release.row.id)
  })
  step.log.note(`Visitors now get release ${release.row.number}`)
  return { switchedAt: step.ctx.now().toISOString() }
}

async function ensureEdge({ context, log, transaction }: DeployStep): Promise<void> {
  const { edge, host, parts, site } = context
  const edgeSite = { ...context.edgeSite, access: await transaction((tx) => accessOf(tx, site.id)) }
  if (site.edge === edge.name) {
    const { isChanged } = await edge.ensureSite(host, edgeSite)
    // What had forgotten the site has forgotten its names.
    if (isChanged) await transaction((tx) => forgetFronts(tx, [site.id]))
    return
  }
  try {
    await takeOver(host, edgeSite, parts.edges[site.edge], edge)
  } catch (error) {
    // The edge that it is behind again may have let its names go.
    await transaction((tx) => forgetFronts(tx, [site.id]))
    throw error
  }
  await transaction(async (tx) => {
    await setEdge(tx, site.id, edge.name)
    await forgetFronts(tx, [site.id])
  })
  const names = { caddy: 'Caddy', direct: 'the relay' }
  log.note(
    `The site is now behind ${names[edge.name]}; a connection made while the port changed hands may have been refused`,
  )
}

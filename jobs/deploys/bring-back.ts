import { bringBackOperation } from '../../server/deploys/bring-back.js'
import { placeOf } from '../../server/deploys/places.js'
import { liveInstancesOn } from '../../server/deploys/queries.js'
import { openRelease } from '../../server/deploys/releases.js'
import { accessOf, forgetFronts } from '../../server/domains/domains.js'
import type { Access } from '../../server/domains/edges/access.js'
import type { EdgeSite } from '../../server/domains/edges/edge.js'
import type { InstancesRow, SitesRow } from '../../server/platform/db/tables.js'
import { type AnyOperationHandler, handleOperation, type StepRun } from '../../server/platform/operations/handle.js'
import type { Host } from '../../server/platform/ssh/host.js'
import { maybeSiteById } from '../../server/sites/sites.js'
import type { DeployParts } from './context.js'
import { instancePlan } from './plans.js'

type Step = StepRun<typeof bringBackOperation, Host>

const minute = 60_000

export const bringBackHandler = (parts: DeployParts): AnyOperationHandler =>
  handleOperation<typeof bringBackOperation, Host>({
    operation: bringBackOperation,
    load: (ctx, { serverId }) => ctx.services.hosts.get(serverId),
    steps: {
      'Put the edge in order': { deadlineMs: 5 * minute, run: (step) => reconcile(step, parts) },
      'Start what was live': { deadlineMs: 20 * minute, run: (step) => startAll(step, parts) },
    },
  })

async function reconcile(step: Step, { edges }: DeployParts): Promise<void> {
  const live = await liveOn(step)
  for (const edge of Object.values(edges)) {
    const sites = live.filter(({ site }) => site.edge === edge.name).map((one) => edgeSiteOf(step, one))
    if (sites.length === 0) continue
    const changed = await edge.reconcile(step.context, sites)
    // Their names were forgotten with them.
    if (changed)
      await step.transaction((tx) =>
        forgetFronts(
          tx,
          sites.map(({ siteId }) => siteId),
        ),
      )
    step.log.note(`${edge.name}: ${changed ? 'put back in order' : 'already in order'}, ${sites.length} sites`)
  }
}

async function startAll(step: Step, parts: DeployParts): Promise<void> {
  for (const { instance } of await liveOn(step)) {
    step.signal.throwIfAborted()
    // A deploy may have put another in its place meanwhile.
    const found = (await liveOn(step)).find((known) => known.instance.id === instance.id)
    if (found) await startAgain(step, parts, found)
  }
}

async function startAgain(step: Step, parts: DeployParts, { site, instance }: Live): Promise<void> {
  const release = await step.transaction((tx) => openRelease(tx, instance.release_id))
  const runtime = parts.runtimes[release.settings.runtime]
  const plan = instancePlan(placeOf(site, step.context.root), release, instance)
  const { state } = await runtime.observe(step.context, plan)
  if (state === 'running' || state === 'starting') return step.log.note(`${site.name} runs`)

  await runtime.start(step.context, plan)
  step.log.note(`${site.name} was started again, release ${release.row.number}`)
}

interface Live {
  site: SitesRow
  access: Access
  instance: InstancesRow
}

const liveOn = (step: Step): Promise<Live[]> =>
  step.transaction(async (tx) => {
    const live: Live[] = []
    for (const instance of await liveInstancesOn(tx, step.input.serverId)) {
      const site = await maybeSiteById(tx, instance.site_id)
      if (site && site.state === 'active') live.push({ site, instance, access: await accessOf(tx, site.id) })
    }
    return live
  })

const edgeSiteOf = (step: Step, { site, access }: Live): EdgeSite => ({
  siteId: site.id,
  folder: placeOf(site, step.context.root).folder,
  port: site.port,
  hostnames: [],
  access,
})

import { runtimesUsed } from '../../server/deploys/deploys.js'
import { forgetFronts } from '../../server/domains/domains.js'
import { type AnyOperationHandler, handleOperation, type StepRun } from '../../server/platform/operations/handle.js'
import { removeSiteOperation } from '../../server/sites/operations.js'
import { abandonRemoval, deleteRows } from '../../server/sites/removal.js'
import type { DeployParts } from '../deploys/context.js'
import { loadSite, type SiteContext } from './context.js'
import { stopInstances, turnVisitorsAway } from './stop-site.js'

const minute = 60_000

type Step = StepRun<typeof removeSiteOperation, SiteContext | null>

export const removeSiteHandler = (parts: DeployParts): AnyOperationHandler =>
  handleOperation<typeof removeSiteOperation, SiteContext | null>({
    operation: removeSiteOperation,
    load: (ctx, { siteId }, { fence }) => loadSite(ctx, parts, { siteId, fence }),
    steps: {
      'Turn visitors away': { deadlineMs: 2 * minute, run: turnVisitorsAway },
      'Stop what runs': { deadlineMs: 5 * minute, run: stopInstances },
      'Remove its files and its user': { deadlineMs: 10 * minute, run: removeFiles },
      'Delete the site': { deadlineMs: minute, run: deleteFromDatabase },
    },
    ended: async (tx, { siteId }, outcome) => {
      if (outcome.status === 'succeeded') return
      await abandonRemoval(tx, siteId)
      // Its edge may have let it go already.
      await forgetFronts(tx, [siteId])
    },
  })

/**
 * The edge first: it reads the folder that goes. A deploy that was lost may have left the site half-way to the server's own. A
 * site may have been on two runtimes in its life.
 */
async function removeFiles({ context, log, transaction }: Step): Promise<void> {
  if (!context) return
  const { edge, edgeSite, host, parts, place, server, site } = context
  for (const each of new Set([edge, parts.edges[server.edge ?? site.edge]])) await each.removeSite(host, edgeSite)
  const names = await transaction((tx) => runtimesUsed(tx, site))
  for (const name of names) await parts.runtimes[name].removePlace(host, place)
  log.note(`Nothing of ${site.name} is left on ${host.name}`)
}

async function deleteFromDatabase({ context, transaction }: Step): Promise<void> {
  if (context) await transaction((tx) => deleteRows(tx, context.site))
}

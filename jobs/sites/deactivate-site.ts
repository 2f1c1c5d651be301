import { type AnyOperationHandler, handleOperation } from '../../server/platform/operations/handle.js'
import { deactivateSiteOperation } from '../../server/sites/operations.js'
import { afterDeactivation } from '../../server/sites/states.js'
import type { DeployParts } from '../deploys/context.js'
import { loadSite, type SiteContext } from './context.js'
import { stopInstances, turnVisitorsAway } from './stop-site.js'

const minute = 60_000

export const deactivateSiteHandler = (parts: DeployParts): AnyOperationHandler =>
  handleOperation<typeof deactivateSiteOperation, SiteContext | null>({
    operation: deactivateSiteOperation,
    load: (ctx, { siteId }, { fence }) => loadSite(ctx, parts, { siteId, fence }),
    steps: {
      'Turn visitors away': { deadlineMs: 2 * minute, run: turnVisitorsAway },
      'Stop what runs': { deadlineMs: 5 * minute, run: stopInstances },
    },
    ended: (tx, { siteId }, outcome) => afterDeactivation(tx, siteId, outcome.status === 'succeeded'),
  })

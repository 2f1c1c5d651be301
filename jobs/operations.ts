import type { AnyOperationHandler } from '../server/platform/operations/handle.js'
import { bringBackHandler } from './deploys/bring-back.js'
import type { DeployParts } from './deploys/context.js'
import { deployHandler } from './deploys/deploy.js'
import { serveDomainsHandler } from './domains/serve-domains.js'
import { checkServerHandler } from './servers/check-server.js'
import { prepareServerHandler } from './servers/prepare-server.js'
import { deactivateSiteHandler } from './sites/deactivate-site.js'
import { removeSiteHandler } from './sites/remove-site.js'

/** Every kind of operation that this version can run. */
export function operationHandlers(parts: DeployParts): ReadonlyMap<string, AnyOperationHandler> {
  const handlers = [
    checkServerHandler,
    prepareServerHandler(parts),
    deployHandler(parts),
    bringBackHandler(parts),
    removeSiteHandler(parts),
    deactivateSiteHandler(parts),
    serveDomainsHandler(parts),
  ]
  return new Map(handlers.map((handler) => [handler.operation.kind, handler]))
}

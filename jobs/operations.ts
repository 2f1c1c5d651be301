import type { AnyOperationHandler } from '../server/platform/operations/handle.js'
import { checkServerHandler } from './servers/check-server.js'
import { prepareServerHandler } from './servers/prepare-server.js'

/** Every kind of operation that this version can run. */
const handlers: readonly AnyOperationHandler[] = [checkServerHandler, prepareServerHandler]

export const operationHandlers: ReadonlyMap<string, AnyOperationHandler> = new Map(
  handlers.map((handler) => [handler.operation.kind, handler]),
)

import type { AnyOperationHandler } from '../server/platform/operations/handle.js'

/** Every kind of operation that this version can run. */
const handlers: readonly AnyOperationHandler[] = []

export const operationHandlers: ReadonlyMap<string, AnyOperationHandler> = new Map(
  handlers.map((handler) => [handler.operation.kind, handler]),
)

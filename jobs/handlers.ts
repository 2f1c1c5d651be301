import type { JobHandler } from '../server/platform/queue/worker.js'
import { operationHandlers } from './operations.js'
import { runOperationHandler } from './run-operation.js'

/** Every job that this version can do. */
export const jobHandlers = (runner: string): readonly JobHandler[] => [runOperationHandler(operationHandlers, runner)]

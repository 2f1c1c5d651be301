import type { AnyOperationHandler } from '../server/platform/operations/handle.js'
import { runOperation } from '../server/platform/operations/jobs.js'
import { run } from '../server/platform/operations/runner.js'
import { RunnerStopping } from '../server/platform/operations/stop-reasons.js'
import { handleJob } from '../server/platform/queue/worker.js'

/** @param runner this process, so that the row can tell who runs it */
export const runOperationHandler = (operations: ReadonlyMap<string, AnyOperationHandler>, runner: string) =>
  handleJob(runOperation, async ({ operationId }, { services, signal }) => {
    const stopping = new AbortController()
    // The process goes away: the operation is given back, for another to resume.
    const stop = () => stopping.abort(new RunnerStopping())
    signal.addEventListener('abort', stop, { once: true })
    if (signal.aborted) stop()
    await run(services, operations, operationId, runner, stopping.signal)
  })

import { Readable } from 'node:stream'
import { z } from 'zod'
import { paths } from '../paths.js'
import { file, fragment, page, started, stream } from '../platform/http/reply.js'
import { get, post, type Route } from '../platform/http/route.js'
import { follow, lineView } from '../platform/operations/feed.js'
import { downloadLog } from './download.js'
import { cancel, operationPage, readLog, runningOperations, runningPill } from './operations.js'
import { LineView, LogQuery, OperationView, StepView } from './schema.js'

export const operationRoutes: readonly Route[] = [
  // Each member's pages ask it every few seconds, which is how a tab hears that its person may not see it any more.
  get('/operations/pill', { can: 'team:read' }, async ({ ctx }) =>
    fragment('operations/_pill', await runningPill(ctx)),
  ),
  get(
    '/operations/:operation',
    {
      can: 'operation:read',
      output: z.object({ operation: OperationView, steps: z.array(StepView) }),
      summary: 'An operation and its steps',
    },
    async ({ ctx, params }) => page('operations/show', await operationPage(ctx, params.operation)),
  ),
  get('/operations/:operation/steps', { can: 'operation:read' }, async ({ ctx, params }) =>
    fragment('operations/_progress', await operationPage(ctx, params.operation)),
  ),
  get(
    '/operations/:operation/log',
    {
      can: 'operation:read',
      query: LogQuery,
      output: z.object({ lines: z.array(LineView) }),
      summary: 'Lines of its log',
    },
    async ({ ctx, params, query }) =>
      page('operations/log', { lines: (await readLog(ctx, params.operation, query.after, query.limit)).map(lineView) }),
  ),
  get(
    '/operations/:operation/log/stream',
    { can: 'operation:read', query: z.object({ after: z.coerce.number().int().min(0).default(0) }) },
    async ({ ctx, params, query, origin, signal }) => {
      await readLog(ctx, params.operation, 0, 1)
      return stream(follow(ctx, params.operation, Number(origin.lastEventId) || query.after, signal))
    },
  ),
  get('/operations/:operation/log/file', { can: 'operation:read' }, async ({ ctx, params }) => {
    await readLog(ctx, params.operation, 0, 1)
    return file(
      `${params.operation}.log`,
      'text/plain; charset=utf-8',
      Readable.from(downloadLog(ctx, params.operation)),
    )
  }),
  post(
    '/operations/:operation/cancellation',
    { can: 'operation:cancel', output: z.object({ operation: OperationView }), summary: 'Ask for it to be cancelled' },
    async ({ ctx, params }) => {
      const operation = await cancel(ctx, params.operation)
      return started(paths.operation(ctx.team.slug, operation.id), 'It is being cancelled', { operation })
    },
  ),
  get(
    '/operations',
    {
      can: 'operation:read',
      output: z.object({ operations: z.array(OperationView) }),
      summary: 'What runs and what waits',
    },
    async ({ ctx }) => page('operations/running', { operations: await runningOperations(ctx) }),
  ),
]

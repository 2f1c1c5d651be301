import { z } from 'zod'
import { TeamCtx } from '../../server/platform/access/ctx.js'
import { newId } from '../../server/platform/ids.js'
import { declareOperation } from '../../server/platform/operations/declare.js'
import {
  type AnyOperationHandler,
  handleOperation,
  type Outcome,
  type StepRun,
} from '../../server/platform/operations/handle.js'
import { requestOperation } from '../../server/platform/operations/request.js'
import { run } from '../../server/platform/operations/runner.js'
import type { TestServices } from './services.js'

/** A three-step operation whose steps do what the test says, for trying the engine without a server. */
export const toy = declareOperation({
  kind: 'toy',
  input: { thingId: z.uuid() },
  steps: [
    { name: 'Prepare', output: z.object({ answer: z.number() }) },
    { name: 'Switch', commits: true },
    { name: 'Tidy up' },
  ],
})

export type ToyRun = StepRun<typeof toy, null>
type Act = (step: ToyRun) => Promise<unknown>

export interface ToyActs {
  prepare?: Act
  switch?: Act
  tidy?: Act
  deadlineMs?: number
}

export function toyEngine(test: TestServices, acts: ToyActs) {
  const happened: string[] = []
  const ends: Outcome[] = []
  const act = (name: string, work?: Act) => async (step: ToyRun) => {
    happened.push(name)
    await work?.(step)
  }
  const deadlineMs = acts.deadlineMs ?? 5000
  const handler = handleOperation<typeof toy, null>({
    operation: toy,
    load: async () => null,
    steps: {
      Prepare: {
        deadlineMs,
        run: async (step) => {
          await act('prepare', acts.prepare)(step)
          return { answer: 42 }
        },
        undo: act('undo prepare'),
      },
      Switch: { deadlineMs, run: act('switch', acts.switch), undo: act('undo switch') },
      'Tidy up': { deadlineMs, run: act('tidy', acts.tidy), undo: act('undo tidy') },
    },
    ended: async (_tx, _input, outcome) => void ends.push(outcome),
  })
  const handlers = new Map<string, AnyOperationHandler>([['toy', handler]])
  const ctx = TeamCtx.system(test.services, test.team)

  return {
    handlers,
    happened,
    ends,
    ctx,
    request: (options: { subject?: string; pool?: { name: string; limit: number } } = {}) =>
      ctx.transaction((tx) =>
        requestOperation(tx, toy, {
          input: { thingId: newId() },
          subject: options.subject ?? `thing:${newId()}`,
          title: 'Toy',
          ...(options.pool ? { pool: options.pool } : {}),
        }),
      ),
    run: (id: string, stopping = new AbortController().signal) => run(test.services, handlers, id, newId(), stopping),
    row: async (id: string) => (await test.database.query('select * from operations where id = $1', [id]))[0],
    steps: async (id: string) =>
      (
        await test.database.query<{ state: string }>(
          'select state from operation_steps where operation_id = $1 order by position',
          [id],
        )
      ).map((step) => step.state),
    lines: async (id: string) =>
      (
        await test.database.query<{ line: string }>(
          'select line from operation_log where operation_id = $1 order by sequence',
          [id],
        )
      ).map((row) => row.line),
    /** As if the runner had not been heard of for a minute. */
    lose: (id: string) =>
      test.database.query("update operations set heartbeat_at = now() - interval '1 minute' where id = $1", [id]),
  }
}

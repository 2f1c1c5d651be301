import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { OperationLogRow, OperationStepsRow, OperationsRow } from '../platform/db/tables.js'
import { isEnded } from '../platform/operations/declare.js'
import { lineView } from '../platform/operations/feed.js'
import { keepLogsDays } from '../platform/operations/old-logs.js'
import * as queries from '../platform/operations/queries.js'
import { cancelOperation, findOperation } from '../platform/operations/request.js'
import { maybeDeployOf, type OperatedDeploy } from './queries.js'

/** The one progress page of all long work. */

export interface OperationPage {
  operation: OperationsRow
  steps: OperationStepsRow[]
  lines: ReturnType<typeof lineView>[]
  isRunning: boolean
  cancelWhy: string | null
  /** The deploy that it is, when it is one. */
  deploy: OperatedDeploy | null
  /** Only the end of a long log is shown: the rest is a download, or was removed long after the operation ended. */
  leftOut: 'nothing' | 'download' | 'removed'
  keepLogsDays: number
}

/** Enough to read what went wrong; the rest streams, or is downloaded. */
const shownLines = 2000

export const operationPage = (ctx: TeamCtx, id: string): Promise<OperationPage> =>
  ctx.reading(async (tx) => {
    const operation = await findOperation(tx, id)
    const lines = await queries.logTail(tx, id, shownLines)
    const steps = await queries.stepsOf(tx, id)
    return {
      operation,
      steps,
      lines: lines.map(lineView),
      leftOut: leftOut(lines),
      keepLogsDays,
      isRunning: !isEnded(operation.status),
      cancelWhy: cancelWhy(operation, steps),
      deploy: (await maybeDeployOf(tx, id)) ?? null,
    }
  })

export const cancel = (ctx: TeamCtx, id: string): Promise<OperationsRow> =>
  ctx.transaction(async (tx) => {
    await cancelOperation(tx, id)
    return findOperation(tx, id)
  })

export const readLog = (ctx: TeamCtx, id: string, after: number, limit: number): Promise<OperationLogRow[]> =>
  ctx.reading(async (tx) => {
    await findOperation(tx, id)
    return queries.logAfter(tx, id, after, limit)
  })

/** Running and waiting work of the team, for the pill on every page. */
export const runningOperations = (ctx: TeamCtx): Promise<queries.OpenOperation[]> => ctx.reading(queries.openOperations)

/** The pill: a handful by name, how many run and wait, and the newest of all, which may have ended already. */
export const runningPill = (ctx: TeamCtx): Promise<Pill> =>
  ctx.maySomewhere('operation:read') ? ctx.reading(whatRuns, 'operation:read') : Promise.resolve(nothingRuns)

interface Pill {
  readonly operations: readonly queries.OpenOperation[]
  readonly runningCount: number
  readonly waitingCount: number
  readonly newest: string | null
}

const nothingRuns: Pill = { operations: [], runningCount: 0, waitingCount: 0, newest: null }

async function whatRuns(tx: TeamTx): Promise<Pill> {
  const operations = await queries.openOperations(tx)
  const runningCount = operations.filter(({ status }) => status === 'running').length
  const waitingCount = operations.length - runningCount
  return { operations: operations.slice(0, 8), runningCount, waitingCount, newest: await queries.maybeNewestId(tx) }
}

/** Lines are numbered from 1, and what stays of an old log is shorter than what is shown of one. */
function leftOut(lines: readonly OperationLogRow[]): OperationPage['leftOut'] {
  if ((lines[0]?.sequence ?? 1) === 1) return 'nothing'
  return lines.length === shownLines ? 'download' : 'removed'
}

/** Why it cannot be cancelled now; null when it can. */
function cancelWhy(operation: OperationsRow, steps: readonly OperationStepsRow[]): string | null {
  if (isEnded(operation.status)) return 'It has ended'
  if (operation.cancel_requested_at) return 'It is being cancelled'
  const last = steps.at(-1)
  return last && last.state === 'running' ? 'It is already past the point of no return' : null
}

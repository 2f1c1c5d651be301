import type { TeamCtx } from '../access/ctx.js'
import type { OperationLogRow } from '../db/tables.js'
import type { ServerEvent } from '../http/sse.js'
import { isEnded } from './declare.js'
import { logAfter, maybeOperation, operationsChannel, stepsOf } from './queries.js'

const batch = 500
/** A signal may be lost with its connection; then the rows are looked at all the same. */
const lookAgainMs = 5000

/**
 * An operation as it happens: its log lines, numbered, from after `sequence`, and a `changed` event whenever a step or the
 * operation itself moved on. Ends with the operation. A reader who comes back with the last number loses nothing.
 */
export async function* follow(
  ctx: TeamCtx,
  operationId: string,
  sequence: number,
  signal: AbortSignal,
): AsyncGenerator<ServerEvent> {
  const news = listen(ctx, operationId, signal)
  let last = sequence
  let state = ''
  try {
    while (!signal.aborted) {
      const seen = await look(ctx, operationId, last)
      if (seen.lines.length > 0) {
        last = seen.lines.at(-1)?.sequence ?? last
        yield { id: last, data: JSON.stringify(seen.lines.map(lineView)) }
      }
      if (seen.state !== state) yield { event: 'changed', data: seen.state }
      state = seen.state
      if (seen.isOver && seen.lines.length === 0) return
      if (seen.lines.length < batch && !seen.isOver) await news.next()
    }
  } finally {
    news.stop()
  }
}

const streams = { stdout: 'out', stderr: 'err', note: 'note' } as const

/** A log line as the browser's log viewer reads it. */
export const lineView = (row: OperationLogRow) => ({
  seq: row.sequence,
  step: row.step,
  at: row.at.toISOString(),
  stream: streams[row.stream],
  text: row.line,
})

/** One transaction a look: lines and states belong together. */
const look = (ctx: TeamCtx, operationId: string, after: number) =>
  ctx.reading(async (tx) => {
    const operation = await maybeOperation(tx, operationId)
    const steps = await stepsOf(tx, operationId)
    return {
      lines: await logAfter(tx, operationId, after, batch),
      state: [
        operation?.status,
        operation?.cancel_requested_at ? 'cancelling' : '',
        ...steps.map((step) => step.state),
      ].join(' '),
      isOver: !operation || isEnded(operation.status),
    }
  })

/** Remembers a signal that comes while nobody waits. */
function listen(ctx: TeamCtx, operationId: string, signal: AbortSignal) {
  let isNew = false
  let wake = () => {}
  const tell = () => {
    isNew = true
    wake()
  }
  const stop = ctx.services.signals.on(operationsChannel, (id) => {
    if (id === operationId || id === null) tell()
  })
  signal.addEventListener('abort', tell, { once: true })

  return {
    stop,
    next: async () => {
      const timer = setTimeout(tell, lookAgainMs)
      if (!isNew)
        await new Promise<void>((resolve) => {
          wake = resolve
        })
      clearTimeout(timer)
      isNew = false
    },
  }
}

import type { TeamCtx } from '../platform/access/ctx.js'
import { readLog } from './operations.js'

const batch = 1000

/** The whole log as text, read as fast as it is taken. */
export async function* downloadLog(ctx: TeamCtx, operationId: string): AsyncGenerator<string> {
  let after = 0
  for (;;) {
    const lines = await readLog(ctx, operationId, after, batch)
    for (const line of lines) yield `${line.at.toISOString()} ${line.line}\n`
    if (lines.length < batch) return
    after = lines.at(-1)?.sequence ?? after
  }
}

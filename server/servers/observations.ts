import type { z } from 'zod'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { Outcome } from '../platform/operations/handle.js'
import { type CheckItem, checklistOf, isReady } from './checklist.js'
import type { Facts } from './facts.js'
import type { prepareServer } from './operations.js'
import * as queries from './queries.js'
import { choicesOf } from './rules.js'

/** What was seen of servers, written down by checks and preparations. */

/** Shows the items that are known so far; the rest waits. Returns them all. */
export async function recordItems(
  ctx: TeamCtx,
  server: queries.ServerRow,
  items: readonly CheckItem[],
  facts: Facts | null,
): Promise<CheckItem[]> {
  const checklist = checklistOf(server.kind, items)
  await ctx.transaction((tx) =>
    queries.updateServer(tx, server.id, {
      checklist: JSON.stringify(checklist),
      checked_at: ctx.now(),
      ...(facts ? { facts: JSON.stringify(facts) } : {}),
    }),
  )
  return checklist
}

/** What nobody has chosen yet is what works with the least. */
export async function recordDefaults(ctx: TeamCtx, server: queries.ServerRow): Promise<void> {
  if (server.runtime && server.edge) return
  await ctx.transaction((tx) => queries.updateServer(tx, server.id, choicesOf(server)))
}

/** A new server whose whole list is good needs no preparation. */
export async function recordReady(ctx: TeamCtx, server: queries.ServerRow, items: readonly CheckItem[]): Promise<void> {
  if (!isReady(items)) return
  await ctx.transaction((tx) => queries.markReady(tx, server.id, ['new', 'unreachable']))
}

/** One that was ready stays so when a preparation fails: it is as it was, with some packages more. */
export async function endPreparation(
  tx: TeamTx,
  { serverId, before, ...choices }: z.output<typeof prepareServer.input>,
  outcome: Outcome,
): Promise<void> {
  if (outcome.status !== 'succeeded')
    return queries.markNotPrepared(tx, serverId, { status: before, why: outcome.message })
  await queries.updateServer(tx, serverId, choices)
  await queries.markReady(tx, serverId, ['preparing'])
}

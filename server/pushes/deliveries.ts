import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { notFound } from '../platform/errors.js'
import { isId } from '../platform/ids.js'
import type { Services } from '../platform/services.js'
import { judgeIn } from './judging.js'
import * as queries from './queries.js'
import { keptDays, overlookedMs } from './rules.js'

/** @throws UserError 404, also for another team's */
export async function findDelivery(tx: TeamTx, id: string): Promise<queries.Delivery> {
  const delivery = isId(id) && (await queries.maybeDelivery(tx, id))
  if (!delivery) throw notFound('delivery')
  return delivery
}

/** Judges it by what the sites ask for now. What it has deployed, it does not deploy again. */
export const replayDelivery = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    await findDelivery(tx, id)
    await judgeIn(tx, id)
  })

export const deliveryBody = (ctx: TeamCtx, id: string): Promise<Buffer> =>
  ctx.reading(async (tx) => {
    const body = isId(id) && (await queries.bodyOf(tx, id))
    if (!body) throw notFound('delivery')
    return body
  })

const mostOverlooked = 500

export const listOverlooked = (services: Services): Promise<{ id: string }[]> =>
  services.db.asSystem((db) =>
    queries.overlooked(db, new Date(services.clock().getTime() - overlookedMs), mostOverlooked),
  )

export const forgetOldDeliveries = (services: Services): Promise<void> =>
  services.db.asSystem(async (db) => {
    const before = new Date(services.clock().getTime() - keptDays * 86_400_000)
    await queries.deleteDeliveriesBefore(db, before)
    await queries.deleteRefusedBefore(db, before)
  })

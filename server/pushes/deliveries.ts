import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { notFound } from '../platform/errors.js'
import { isId } from '../platform/ids.js'
import type { Services } from '../platform/services.js'
import { judgeTogether } from './judging.js'
import * as queries from './queries.js'
import { keptDays } from './rules.js'

/** @throws UserError 404, also for another team's */
export async function findDelivery(tx: TeamTx, id: string): Promise<queries.Delivery> {
  const delivery = isId(id) && (await queries.maybeDelivery(tx, id))
  if (!delivery) throw notFound('delivery')
  return delivery
}

/** Judges it by what the sites ask for now. What it has deployed, it does not deploy again. */
export const replayDelivery = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const { connection_id, github_app_id } = await findDelivery(tx, id)
    await queries.lockDelivery(tx, id)
    await judgeTogether(tx, { connection_id, github_app_id }, [id])
  })

export const deliveryBody = (ctx: TeamCtx, id: string): Promise<Buffer> =>
  ctx.reading(async (tx) => {
    const body = isId(id) && (await queries.bodyOf(tx, id))
    if (!body) throw notFound('delivery')
    return body
  })

/** Connections and apps whose deliveries wait. */
export const listWaiting = (services: Services, limit: number): Promise<queries.Waiting[]> =>
  services.db.asSystem((db) => queries.waitingSigners(db, services.clock(), limit))

export const forgetOldDeliveries = (services: Services): Promise<void> =>
  services.db.asSystem(async (db) => {
    const before = new Date(services.clock().getTime() - keptDays * 86_400_000)
    await queries.deleteDeliveriesBefore(db, before)
    await queries.deleteRefusedBefore(db, before)
  })

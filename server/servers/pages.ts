import { z } from 'zod'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { decodeCursor, listPage } from '../platform/http/pagination.js'
import * as operations from '../platform/operations/queries.js'
import { pasteLine } from './commands.js'
import { Facts } from './facts.js'
import { prepareServer, subjectOf } from './operations.js'
import { missingPackages, whyNotInstall } from './packages.js'
import * as queries from './queries.js'
import { choicesOf, serverCan } from './rules.js'
import type { Preparation } from './schema.js'
import { findServer, localVerdict, whatIsOn } from './servers.js'
import { readingView, serverView } from './views.js'

/** What the pages show. */

const ListKey = z.tuple([z.iso.datetime(), z.uuid()])

export async function serversPage(ctx: TeamCtx, query: { cursor?: string | undefined; limit: number }) {
  const [createdAt, id] = decodeCursor(ctx, query.cursor, ListKey) ?? []
  const after = createdAt && id ? { createdAt, id } : null
  const { rows, readings, counts } = await ctx.reading(async (tx) => {
    const rows = await queries.serversPage(tx, after, query.limit + 1)
    const ids = rows.map((row) => row.id)
    return {
      rows,
      readings: new Map((await queries.latestReadings(tx, ids)).map((row) => [row.server_id, readingView(row)])),
      counts: new Map((await queries.siteCounts(tx, ids)).map((row) => [row.server_id, row.sites])),
    }
  })
  const { items, nextCursor } = listPage(ctx, rows, query.limit, (row) => [row.created_at.toISOString(), row.id])
  return {
    team: ctx.team,
    items: items.map((row) => ({
      ...serverView(row),
      reading: readings.get(row.id) ?? null,
      sites: counts.get(row.id) ?? 0,
    })),
    nextCursor,
    local: await localVerdict(ctx),
  }
}

export async function serverPage(ctx: TeamCtx, slugOrId: string, hours: number) {
  return ctx.reading(async (tx) => {
    const server = await findServer(tx, slugOrId)
    const open = await queries.openOperationsOn(tx, subjectOf(server.id))
    const sites = await queries.sitesOn(tx, server.id)
    return {
      team: ctx.team,
      server: serverView(server),
      pasteLine: server.public_key && pasteLine(server.public_key),
      isChecking: open.length > 0,
      canWork: serverCan.work(server, { openOperations: open.length }),
      sites,
      hiddenSites: await hiddenSitesOn(tx, server.id),
      operations: ctx.may('operation:read') ? await operations.operationsOf(tx, subjectOf(server.id), 10) : [],
      readings: await readingsOf(ctx, tx, server.id, hours),
      hours,
    }
  })
}

/** How many sites are there that the caller does not see. */
async function hiddenSitesOn(tx: TeamTx, serverId: string): Promise<number> {
  if (tx.ctx.may('site:read', serverId)) return 0
  const [seen] = await queries.siteCounts(tx, [serverId])
  return Math.max(0, (await whatIsOn(tx, serverId)).sites - (seen?.sites ?? 0))
}

/** About sixty points, whatever the span. */
const readingsOf = async (ctx: TeamCtx, tx: Parameters<typeof findServer>[0], serverId: string, hours: number) => {
  const since = new Date(ctx.now().getTime() - hours * 3600_000)
  return (await queries.readingsSince(tx, serverId, since, hours * 60)).map(readingView)
}

export const serverReadings = (ctx: TeamCtx, slugOrId: string, hours: number) =>
  ctx.reading(async (tx) => {
    const server = await findServer(tx, slugOrId)
    return { readings: await readingsOf(ctx, tx, server.id, hours) }
  })

export const settingsPage = (ctx: TeamCtx, slugOrId: string) =>
  ctx.reading(async (tx) => {
    const server = await findServer(tx, slugOrId)
    const canRemove = serverCan.remove(server, await whatIsOn(tx, server.id))
    return { team: ctx.team, server: serverView(server), canRemove }
  })

/** The steps and the exact packages, before anything is done. */
export const preparationPage = (
  ctx: TeamCtx,
  slugOrId: string,
  chosen: { [K in keyof Preparation]?: Preparation[K] | undefined },
) =>
  ctx.reading(async (tx) => {
    const server = await findServer(tx, slugOrId)
    const open = await queries.openOperationsOn(tx, subjectOf(server.id))
    const choices = choicesOf({ runtime: chosen.runtime ?? server.runtime, edge: chosen.edge ?? server.edge })
    const facts = Facts.safeParse(server.facts).data ?? null
    const packages = facts ? missingPackages(facts, choices) : []
    const verdict = serverCan.work(server, { openOperations: open.length })
    return {
      team: ctx.team,
      server: serverView(server),
      choices,
      steps: prepareServer.steps.map((step) => step.name),
      packages,
      why: facts
        ? whyNot(verdict, packages.length > 0 ? whyNotInstall(facts) : null)
        : 'Check the server first: Hostler does not know yet what it has',
    }
  })

const whyNot = (
  verdict: ReturnType<typeof serverCan.work>,
  refusal: { why: string; hint: string } | null,
): string | null => (verdict.ok ? refusal && `${refusal.why}. ${refusal.hint}` : verdict.why)

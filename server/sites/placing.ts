import { isListening } from '../deploys/deploys.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { conflict, FieldError } from '../platform/errors.js'
import { nthSlug, slugOf } from '../platform/slugs.js'
import * as queries from './queries.js'
import { choosePort, reservedSlugs, visitorPorts } from './rules.js'

/** Ports that a program we know nothing of listens on; only as many are tried as are needed. */
export async function busyPorts(ctx: TeamCtx, server: { id: string }): Promise<Set<number>> {
  const busy = new Set<number>()
  const host = await ctx.services.hosts.get(server.id)
  for (;;) {
    const port = choosePort(new Set([...(await ctx.transaction((tx) => queries.portsOn(tx, server.id))), ...busy]))
    if (port === null || !(await isListening(host, port))) return busy
    busy.add(port)
  }
}

export type NewRow = Omit<Parameters<typeof queries.insertSite>[1], 'slug' | 'port' | 'team_id' | 'created_at'> & {
  name: string
  server_id: string
  wanted_port: number | undefined
}

/** Two sites in one moment may choose the same slug or port; unique indexes settle it, and the loser chooses again. */
export async function insertPlaced(
  tx: TeamTx,
  busy: ReadonlySet<number>,
  { wanted_port: wanted, ...row }: NewRow,
): Promise<void> {
  const base = slugOf(row.name, 'site', reservedSlugs)
  for (;;) {
    const slugs = await queries.slugsLike(tx, base)
    let number = 1
    while (slugs.has(nthSlug(base, number))) number++
    const taken = await queries.portsOn(tx, row.server_id)
    if (wanted !== undefined && taken.has(wanted))
      throw new FieldError('port', `Another site on this server has port ${wanted}`)
    const port = wanted ?? choosePort(new Set([...taken, ...busy]))
    if (port === null)
      throw conflict(
        `All ports from ${visitorPorts.first} to ${visitorPorts.last} of the server are taken`,
        'Put the site on another server.',
      )
    const whole = { ...row, port, slug: nthSlug(base, number), team_id: tx.ctx.team.id, created_at: tx.ctx.now() }
    if (await queries.insertSite(tx, whole)) return
  }
}

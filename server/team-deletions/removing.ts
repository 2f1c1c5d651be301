import { hostler, TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import { UserError } from '../platform/errors.js'
import { append, appendInTeam } from '../platform/events/append.js'
import type { Services } from '../platform/services.js'
import { removeServer } from '../servers/servers.js'
import { leaveSiteBehind, removeWithTeam } from '../sites/lifecycle.js'
import * as queries from './queries.js'
import { isDue, isGivenUp } from './rules.js'

/**
 * Takes each team whose days are over one step on: 1 it is said to have begun, 2 every site goes from its server by an
 * operation of its own, 3 then its servers are forgotten, 4 then the team. The rows alone say how far it is, so whatever
 * is killed in between is taken up by the next turn.
 */
export async function removeDueTeams(services: Services, signal: AbortSignal): Promise<void> {
  for (const team of await services.db.asSystem((db) => queries.dueTeams(db, services.clock()))) {
    if (signal.aborted) return
    await removeOn(TeamCtx.system(services, team)).catch((error) =>
      services.log.error({ err: error, team: team.id }, 'could not go on removing a team'),
    )
  }
}

async function removeOn(ctx: TeamCtx): Promise<void> {
  const begun = await ctx.transaction(begin)
  if (!begun) return
  const sites = await ctx.reading(queries.sitesIn)
  for (const site of sites) await ctx.transaction((tx) => removeSite(tx, site, begun))
  if ((await ctx.reading(queries.sitesIn)).length > 0) return

  for (const { id, name } of await ctx.reading(queries.serversIn)) await removeServer(ctx, id, name).catch(notYet)
  const left = await ctx.reading(async (tx) => [...(await queries.serversIn(tx)), await queries.openOperations(tx)])
  if (left.length === 1 && left[0] === 0) await end(ctx)
}

/** Null when an owner has undone it a moment ago. */
async function begin(tx: TeamTx): Promise<Date | null> {
  const { ctx } = tx
  const deletion = await queries.lockDeletion(tx)
  if (!deletion?.delete_after || deletion.delete_after > ctx.now()) return null
  if (deletion.removal_begun_at) return deletion.removal_begun_at
  await queries.updateDeletion(tx, { removal_begun_at: ctx.now() })
  await append(tx, { type: 'team.removal-begun', subject: { kind: 'team', id: ctx.team.id } })
  return ctx.now()
}

async function removeSite(tx: TeamTx, site: { id: string; server_id: string }, begun: Date): Promise<void> {
  const { failedAt, isOpen } = await queries.removalOf(tx, `site:${site.id}`)
  if (isOpen || !isDue(failedAt, tx.ctx.now())) return
  const server = (await queries.serversIn(tx)).find(({ id }) => id === site.server_id)
  const isLost = server?.status === 'unreachable' && isGivenUp(begun, tx.ctx.now())
  await (isLost ? leaveSiteBehind : removeWithTeam)(tx, site.id)
}

/** An operation on the server still runs: the next turn tries again. */
function notYet(error: unknown): void {
  if (!(error instanceof UserError)) throw error
}

const end = ({ services, team }: TeamCtx): Promise<void> =>
  services.db.asSystem(async (db) => {
    const at = services.clock()
    if (!(await queries.deleteTeam(db, team.id, at))) return
    const subject = { kind: 'team', id: team.id }
    const data = { name: team.name, slug: team.slug }
    await appendInTeam(db, team.id, hostler, { type: 'team.removed', subject, data }, at)
  })

import { endDeploys } from '../deploys/deploys.js'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import { FieldError, forbidden, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { refuseUnless, why } from '../platform/verdict.js'
import { membersOf } from '../teams/teams.js'
import * as queries from './queries.js'
import { deletionCan, undoMs } from './rules.js'

export { removeDueTeams } from './removing.js'

/** Everything that would go, by name; and how it stands when it was asked for already. */
export async function deletionPage(ctx: TeamCtx) {
  const members = await membersOf(ctx)
  return ctx.reading(async (tx) => {
    const deletion = await queries.maybeDeletion(tx)
    if (!deletion) throw notFound('team')
    return { deletion, undoWhy: why(deletionCan.undo(deletion)), ...(await whatGoes(tx)), members }
  })
}

async function whatGoes(tx: TeamTx) {
  const all = await queries.sitesIn(tx)
  return {
    sites: all.filter(({ isPreview }) => !isPreview).map(({ name }) => name),
    previews: all.filter(({ isPreview }) => isPreview).map(({ name }) => name),
    servers: (await queries.serversIn(tx)).map(({ name }) => name),
    domains: await queries.domainsIn(tx),
    ...(await queries.countsIn(tx)),
  }
}

/**
 * The team is closed at once: its pages are shut, and nothing new is deployed. Its sites are served until the seven days
 * are over. Asking again changes nothing.
 */
export const requestTeamDeletion = (ctx: TeamCtx, { confirm }: { confirm: string }): Promise<void> =>
  ctx.transaction(async (tx) => {
    refuseKeys(ctx)
    const deletion = await queries.lockDeletion(tx)
    if (!deletion || confirm !== deletion.name)
      throw new FieldError('confirm', `Type “${deletion?.name ?? ctx.team.name}” to delete it`)
    if (deletion.delete_after) return
    const deleteAfter = new Date(ctx.now().getTime() + undoMs)
    await queries.updateDeletion(tx, {
      delete_requested_at: ctx.now(),
      delete_requested_by: ctx.actor.name,
      delete_after: deleteAfter,
    })
    const { sites, previews, servers, domains } = await whatGoes(tx)
    for (const { id } of await queries.sitesIn(tx)) await endDeploys(tx, id, 'The team is being deleted')
    const data = { name: deletion.name, deleteAfter, sites, previews: previews.length, servers, domains }
    await append(tx, { type: 'team.deletion-requested', subject: { kind: 'team', id: ctx.team.id }, data })
  })

/** Opens the team again, as it was. Throws 409 once its sites are being removed. */
export const undoTeamDeletion = (ctx: TeamCtx): Promise<void> =>
  ctx.transaction(async (tx) => {
    refuseKeys(ctx)
    const deletion = await queries.lockDeletion(tx)
    if (!deletion?.delete_after) return
    refuseUnless(deletionCan.undo(deletion))
    await queries.updateDeletion(tx, { delete_requested_at: null, delete_requested_by: null, delete_after: null })
    await append(tx, { type: 'team.deletion-undone', subject: { kind: 'team', id: ctx.team.id } })
  })

function refuseKeys({ actor }: TeamCtx): void {
  if (actor.kind !== 'user') throw forbidden('An API key cannot do this: sign in with your password')
}

import type { TeamTx } from '../platform/access/ctx.js'
import { append } from '../platform/events/append.js'
import { newId } from '../platform/ids.js'
import * as queries from './queries.js'

/**
 * The repositories of the team's sites that an installation reaches are connected through it, with no secret of their
 * own; those that it reaches no more are not. To be called wherever either may have changed.
 */
export async function linkThroughApps(tx: TeamTx): Promise<void> {
  await queries.unlinkConnections(tx)
  for (const found of await queries.unlinkedRepositories(tx)) await link(tx, found)
  for (const { id, repository_key: name } of await queries.deleteEmptyConnections(tx))
    await append(tx, { type: 'connection.removed', subject: { kind: 'connection', id }, data: { name } })
}

async function link(
  tx: TeamTx,
  {
    repository_key,
    installation_id,
    web_url,
    app_name: app,
  }: Awaited<ReturnType<typeof queries.unlinkedRepositories>>[number],
): Promise<void> {
  const id = newId()
  const isNew = await queries.linkConnection(tx, {
    ...{ id, team_id: tx.ctx.team.id, host: 'github', repository_key, web_origin: web_url, installation_id },
    ...{ created_by: tx.ctx.actor.name, created_at: tx.ctx.now() },
  })
  if (!isNew) return
  const subject = { kind: 'connection', id }
  await append(tx, { type: 'connection.created', subject, data: { name: repository_key, host: 'github', app } })
}

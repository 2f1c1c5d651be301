import { z } from 'zod'
import { TeamCtx } from '../platform/access/ctx.js'
import { declareOperation } from '../platform/operations/declare.js'
import { requestOperation } from '../platform/operations/request.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import { liveInstancesOn } from './queries.js'

/** After a restart of a machine or of its relay: not every supervisor and not every edge comes back by itself. */
export const bringBackOperation = declareOperation({
  kind: 'bring-sites-back',
  input: { serverId: z.uuid() },
  steps: [{ name: 'Put the edge in order' }, { name: 'Start what was live' }],
})

export async function bringSitesBack(
  services: Services,
  server: { id: string; team_id: string; name: string; what: 'machine' | 'relay' },
): Promise<void> {
  const team = await services.db.asSystem((db) => maybeTeam(db, server.team_id))
  if (!team) return
  await TeamCtx.system(services, team).transaction(async (tx) => {
    if ((await liveInstancesOn(tx, server.id)).length === 0) return
    await requestOperation(tx, bringBackOperation, {
      input: { serverId: server.id },
      subject: `server:${server.id}`,
      title: `Bring the sites of ${server.name} back after ${after[server.what]}`,
    })
  })
}

const after = { machine: 'its restart', relay: 'the end of its relay' }

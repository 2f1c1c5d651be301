import { newId } from '../../server/platform/ids.js'
import { createRole } from '../../server/roles/own-roles.js'
import { insert, makeServer, makeSite } from '../support/make.js'
import type { World } from '../support/people.js'

/** Two sites of a server, each with a deploy that runs; of the first, the shop, what one needs to know. */
export async function seedSites(w: World): Promise<{ operation: string }> {
  const server = await makeServer(w.test, w.acme, { slug: 'web-1', name: 'web-1' })
  const made: { operation: string }[] = []
  for (const slug of ['shop', 'blog']) {
    const site = await makeSite(w.test, server, w.acme, { slug, name: slug })
    const operation = { id: newId(), team_id: w.acme.id, kind: 'deploy', subject: `site:${site.id}`, input: '{}' }
    const now = new Date()
    const runs = { title: `Deploy ${slug}`, status: 'running', requested_by: 'Ada', created_at: now, heartbeat_at: now }
    await insert(w.test, 'operations', { ...operation, ...runs })
    made.push({ operation: operation.id })
  }
  return made[0] ?? { operation: '' }
}

/** A role of the team's own for who is shown one site. */
export const createClientRole = async (w: World) =>
  createRole(await w.ctx('owner'), {
    name: 'Client',
    permissions: ['site:read', 'deploy:create', 'log:read', 'operation:read', 'event:read'],
  })

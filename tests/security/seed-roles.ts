import type { TeamRef } from '../../server/platform/access/ctx.js'
import { newId } from '../../server/platform/ids.js'
import { insert } from '../support/make.js'
import type { ServersWorld } from '../support/servers.js'

/** A role of the team's own, a group with the site in it, and somebody who holds the one on the other. */
export async function seedRoles(w: ServersWorld, team: TeamRef, siteId: string): Promise<void> {
  const created_at = w.services.clock()
  const ofTeam = { team_id: team.id, created_at }
  const [role, group] = [newId(), newId()]
  await insert(w.test, 'roles', { ...ofTeam, id: role, name: 'Helper', permissions: ['site:read', 'log:read'] })
  await insert(w.test, 'site_groups', { ...ofTeam, id: group, name: 'Shops' })
  await insert(w.test, 'grouped_sites', { group_id: group, site_id: siteId, team_id: team.id })
  await insert(w.test, 'role_grants', {
    ...ofTeam,
    id: newId(),
    user_id: w.people[team.slug === 'acme' ? 'viewer' : 'stranger'].id,
    role_id: role,
    group_id: group,
    granted_by: 'Owner',
  })
}

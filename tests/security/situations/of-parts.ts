import {
  allPermissions,
  canBeHeldOn,
  isOfOnesOwn,
  type Permission,
} from '../../../server/platform/access/permissions.js'
import { type Decided, type Entrance, isOfTeam, letIn } from '../entrances.js'
import type { Situation } from './situation.js'

/** What is of sites, where the address names one or lists some, and what is one's own. */
function ofOneSite({ face, route, path, method }: Entrance): Decided {
  const { can, stepUp } = route.options
  if (path.includes('/servers/:server')) return 404
  const permission = can as Permission // It is of a route of a team.
  const isTheirs = /\/(sites\/:site|operations\/:operation)\b/.test(path) || method === 'get'
  const isOpened = isOfOnesOwn(permission) || (isTheirs && canBeHeldOn(permission, 'site'))
  // A key cannot say who sits there.
  const isKept = face === 'api' && stepUp === true
  return can === 'team:read' || (isOpened && !isKept) ? letIn : 403
}

export const ofParts: readonly Situation[] = [
  {
    name: 'AK-01, AZ-16: who may do everything, on one site, does what is of sites, on that one, by session and by key',
    people: ['client'],
    where: isOfTeam,
    decided: ofOneSite,
    begin: async ({ w }) => {
      await w.test.query(`update roles set permissions = $1 where name = 'Client'`, [allPermissions])
      await w.test.query(`update api_keys set role = 'owner' where created_by = $1`, [w.people.client.id])
    },
  },
]

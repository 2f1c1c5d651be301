import type { Permission } from '../../server/platform/access/permissions.js'
import { permissionsOf, type Role } from '../../server/platform/access/roles.js'
import { apiReferenceRoutes } from '../../server/platform/http/api-reference.js'
import { type Door, doorsOf, isTeamRoute } from '../../server/platform/http/doors.js'
import type { Method, Route } from '../../server/platform/http/route.js'
import { routes } from '../../server/routes.js'
import { clientPermissions, type Name } from '../support/people.js'

/** Every way into the panel, taken from the routes themselves: a route added later is walked without a line here. */
export interface Entrance {
  readonly face: Door['face']
  readonly method: Method
  /** With its parameters still unfilled. */
  readonly path: string
  readonly route: Route
}

export const entrancesOf = (list: readonly Route[]): Entrance[] =>
  doorsOf([...list, ...apiReferenceRoutes(list, new URL('http://localhost'))]).flatMap(({ face, path, routes }) =>
    Object.entries(routes).map(([method, route]) => ({ face, method: method as Method, path, route })),
  )

export const entrances = entrancesOf(routes)
/** Where a directory speaks to us, and nobody else (tests/scim). */
export const ofDirectories = entrances.filter(({ route }) => route.options.can === 'directory')
/** Where people and their keys are let in. */
const ofPeople = entrances.filter(({ route }) => route.options.can !== 'directory')
export const reading = ofPeople.filter(({ method }) => method === 'get')
/** What takes signed deliveries looks at no session at all, so there is nothing to borrow (tests/pushes/receive.test.ts). */
export const writing = ofPeople.filter(({ method, route }) => method !== 'get' && !route.options.receives)
export const isOfTeam = ({ route }: Entrance): boolean => isTeamRoute(route.options.can)
export const ofTeams = (list: readonly Entrance[]): Entrance[] => list.filter(isOfTeam)

export const nameOf = ({ face, method, path }: Entrance): string => `${face} ${method.toUpperCase()} ${path}`

/** What has to be held to be let in there, for people to read. */
export const neededAt = ({ route: { options } }: Entrance): string =>
  [options.can, ...(options.stepUp ? ['step-up'] : []), ...(options.openToKeys ? ['open to keys'] : [])].join(', ')

export const everybody = [
  'nobody',
  'half',
  'suspended',
  'stranger',
  'viewer',
  'billing',
  'client',
  'developer',
  'admin',
  'owner',
  'operator',
] as const satisfies readonly (Name | 'nobody' | 'half' | 'suspended')[]
export type Who = (typeof everybody)[number]

/** Who is let in where anybody is: the owner, but for what only others are for. */
export const strongestOf = ({ route: { options } }: Entrance): Who =>
  options.can === 'half-signed-in' ? 'half' : options.can === 'operator' ? 'operator' : 'owner'

export const letIn = 'let in'

/** Or the status that they are refused with. */
export type Decided = typeof letIn | number

/**
 * The policy, in one place: what each answer to somebody has to be, from the route's `can` alone. On the API everybody
 * comes with a key of their team; the operator, who is in no team, with a session on both faces. `half` is the owner, who
 * has given the password and owes the second factor (MF-03): a visitor, but for where that is given. `suspended` was an
 * owner: a visitor with their session, and with their key, which opens nothing, not even what is open to anybody (AK-06).
 */
export function expected({ face, method, path, route: { options } }: Entrance, who: Who): Decided {
  const { can } = options
  if (who === 'suspended' && face === 'api') return 401
  if (can === 'anyone') return letIn
  if (can === 'half-signed-in' && who === 'half') return letIn
  if (can === 'directory') return 401
  if (who === 'nobody' || who === 'half' || who === 'suspended') return face === 'page' ? 303 : 401
  if (can === 'half-signed-in') return 404
  // A proof of who is there can be asked of people only.
  const isOpen = face === 'page' || who === 'operator' || options.stepUp === undefined || options.openToKeys === true
  if (can === 'signed-in' || can === 'unverified') return isOpen ? letIn : 403
  if (can === 'operator') return who === 'operator' ? letIn : 404
  if (!isTeamRoute(can)) throw new Error(`What is ${can}?`)
  if (who === 'stranger' || who === 'operator') return 404
  if (who === 'client') return ofClient(can, method, path)
  return isOpen && permissionsOf[who satisfies Role].has(can) ? letIn : 403
}

/** Holds a role on the one site of the scene: what names something else is not there, and nothing else is theirs to do. */
function ofClient(can: Permission, method: Method, path: string): Decided {
  if (path.includes('/servers/:server')) return 404
  const isTheirs = /\/(sites\/:site|operations\/:operation)\b/.test(path) || method === 'get'
  return can === 'team:read' || (isTheirs && clientPermissions.includes(can)) ? letIn : 403
}

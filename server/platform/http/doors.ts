import { apiPrefix } from './api-answer.js'
import type { Can, Method, Route } from './route.js'

/** How an address speaks: HTML and forms, JSON, or SCIM (RFC 7644). */
export type Face = 'page' | 'api' | 'scim'

/** One address and what may be done there. The route-walk test goes through every one. */
export interface Door {
  readonly face: Face
  readonly path: string
  readonly routes: Partial<Record<Method, Route>>
}

/**
 * All ways in, the most specific path first, so that `/sites/new` never means the site called "new". Throws when two
 * routes claim the same address and method, or name its parameters differently.
 */
export function doorsOf(routes: readonly Route[]): Door[] {
  const doors = new Map<string, Door>()
  for (const route of routes) {
    enter(doors, route.options.can === 'directory' ? 'scim' : 'page', pathOf(route), route)
    if (isInApi(route)) enter(doors, 'api', apiPrefix + pathOf(route), route)
  }
  return [...doors.values()].sort((a, b) => compareSegments(a.path.split('/'), b.path.split('/')))
}

export const isInApi = ({ options }: Route): boolean => options.output !== undefined || options.downloads !== undefined

/** Whether an API client may have the same answer again: not of a file, and not of a secret. */
export const keepsAnswer = ({ options }: Route): boolean =>
  options.downloads === undefined && options.tellsSecret === undefined

/** The address on the page side: team routes stand under their team. */
export const pathOf = (route: Route): string =>
  isTeamRoute(route.options.can) ? `/teams/:team${route.path === '/' ? '' : route.path}` : route.path

export const isTeamRoute = (can: Can): boolean => !outsideTeams.has(can)

const outsideTeams: ReadonlySet<Can> = new Set([
  'anyone',
  'half-signed-in',
  'unverified',
  'signed-in',
  'operator',
  'directory',
])

/** For 405 and its `Allow`. Forms can only POST, so on the page side POST reaches PUT, PATCH and DELETE by `_method`. */
export function allowedMethods(door: Door): string[] {
  const methods = Object.keys(door.routes).flatMap((method) =>
    method === 'get' ? ['GET', 'HEAD'] : [method.toUpperCase()],
  )
  const isOverridden =
    door.face === 'page' && (door.routes.put ?? door.routes.patch ?? door.routes.delete) !== undefined
  return isOverridden && !door.routes.post ? [...methods, 'POST'] : methods
}

function enter(doors: Map<string, Door>, face: Door['face'], path: string, route: Route): void {
  const shape = path.replaceAll(/:[^/]+/g, ':')
  const door = doors.get(shape) ?? { face, path, routes: {} }
  if (door.path !== path) throw new Error(`${path} and ${door.path} are the same address with other names`)
  if (door.routes[route.method]) throw new Error(`Two routes serve ${route.method.toUpperCase()} ${path}`)
  door.routes[route.method] = route
  doors.set(shape, door)
}

function compareSegments(a: readonly string[], b: readonly string[]): number {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [left, right] = [a[i], b[i]]
    if (left === undefined || right === undefined) return left === undefined ? -1 : 1
    const difference = Number(left.startsWith(':')) - Number(right.startsWith(':'))
    if (difference !== 0) return difference
  }
  return 0
}

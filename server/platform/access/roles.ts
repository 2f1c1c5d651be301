/** Who may do what, in one table. A route names one permission; nothing else in the code compares roles. */

export type Role = 'owner' | 'admin' | 'developer' | 'billing' | 'viewer'

const reading = [
  'team:read',
  'server:read',
  'site:read',
  'domain:read',
  'deploy:read',
  'operation:read',
  'event:read',
  'log:read',
  'connection:read',
  'delivery:read',
] as const

const developing = [
  ...reading,
  'site:create',
  'site:update',
  'site:control',
  'environment:read',
  'environment:update',
  'domain:manage',
  'deploy:create',
  'deploy:cancel',
  'api-key:manage-own',
  'connection:manage',
  'delivery:replay',
] as const

const administering = [
  ...developing,
  'server:create',
  'server:update',
  'server:delete',
  'site:delete',
  'team:update',
  'api-key:manage',
  'github-app:manage',
] as const

export type Permission = (typeof administering)[number]

export const permissionsOf = {
  owner: new Set<Permission>(administering),
  admin: new Set<Permission>(administering),
  developer: new Set<Permission>(developing),
  billing: new Set<Permission>(['team:read']),
  viewer: new Set<Permission>(reading),
} satisfies Record<Role, ReadonlySet<Permission>>

export const roleAllows = (role: Role, permission: Permission): boolean => permissionsOf[role].has(permission)

/** For a person to choose from, strongest first. */
export const roleNames = ['owner', 'admin', 'developer', 'billing', 'viewer'] as const satisfies readonly Role[]

/**
 * The one of two roles that may do no more than the other: a key may never do more than who made it. Null when each may
 * do something that the other may not.
 */
export function lesserRole(one: Role, other: Role): Role | null {
  const [stronger, weaker] = roleNames.indexOf(one) <= roleNames.indexOf(other) ? [one, other] : [other, one]
  if (isWithin(weaker, stronger)) return weaker
  return isWithin(stronger, weaker) ? stronger : null
}

const isWithin = (inner: Role, outer: Role): boolean =>
  [...permissionsOf[inner]].every((permission) => roleAllows(outer, permission))

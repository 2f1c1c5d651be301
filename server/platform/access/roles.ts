/** Who may do what, in one table. A route names one permission; nothing else in the code compares roles. */

export type Role = 'owner' | 'admin' | 'developer' | 'billing' | 'viewer'

const reading = [
  'team:read',
  'server:read',
  'site:read',
  'deploy:read',
  'operation:read',
  'event:read',
  'log:read',
] as const

const developing = [
  ...reading,
  'site:create',
  'site:update',
  'site:control',
  'environment:read',
  'environment:update',
  'deploy:create',
  'deploy:cancel',
  'api-key:manage-own',
] as const

const administering = [
  ...developing,
  'server:create',
  'server:update',
  'server:delete',
  'site:delete',
  'team:update',
  'api-key:manage',
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

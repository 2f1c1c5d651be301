import { allPermissions, type Permission } from './permissions.js'

/** The roles that every team has. A team's own roles stand beside them; nothing else in the code compares roles. */

export type Role = 'owner' | 'admin' | 'developer' | 'billing' | 'viewer'

const reading = [
  'team:read',
  'member:read',
  'server:read',
  'site:read',
  'domain:read',
  'access:read',
  'deploy:read',
  'preview:read',
  'operation:read',
  'event:read',
  'event:verify',
  'log:read',
  'push:read',
  'connection:read',
  'delivery:read',
] as const satisfies readonly Permission[]

const developing = [
  ...reading,
  'site:create',
  'site:update',
  'site:control',
  'source:update',
  'environment:read',
  'environment:update',
  'domain:manage',
  'domain:delete',
  'certificate:manage',
  'access:manage',
  'maintenance:manage',
  'deploy:create',
  'deploy:roll-back',
  'deploy:cancel',
  'operation:cancel',
  'freeze:manage',
  'deploy-hook:manage',
  'preview:manage',
  'preview:control',
  'preview:approve',
  'push:manage',
  'api-key:manage-own',
  'connection:manage',
  'delivery:replay',
] as const satisfies readonly Permission[]

const ofOwners: readonly Permission[] = ['team:transfer', 'team:delete', 'support:allow']

export const permissionsOf = {
  owner: new Set<Permission>(allPermissions),
  admin: new Set<Permission>(allPermissions.filter((permission) => !ofOwners.includes(permission))),
  developer: new Set<Permission>(developing),
  billing: new Set<Permission>(['team:read', 'member:read']),
  viewer: new Set<Permission>(reading),
} satisfies Record<Role, ReadonlySet<Permission>>

/** For a person to choose from, strongest first. */
export const roleNames = ['owner', 'admin', 'developer', 'billing', 'viewer'] as const satisfies readonly Role[]

import { allPermissions, canBeHeldOn, type Permission } from './permissions.js'

/**
 * What an act is done on is seen by who may do it: its page and its answer show that. Left out where the thing itself,
 * a site or a server, is all that is shown.
 */
export const readingOf: Partial<Readonly<Record<Permission, readonly Permission[]>>> = {
  'role:manage': ['member:read', 'site:read', 'server:read'],
  'site-group:manage': ['member:read', 'site:read'],
  'member:invite': ['member:read'],
  'member:remove': ['member:read'],
  'sign-in:manage': ['member:read'],
  'team:transfer': ['member:read'],
  'audit:export': ['audit:read'],
  'environment:update': ['environment:read'],
  'deploy:create': ['deploy:read'],
  'deploy:roll-back': ['deploy:read'],
  'deploy:cancel': ['deploy:read'],
  'operation:cancel': ['operation:read'],
  'freeze:manage': ['push:read'],
  'deploy-hook:manage': ['push:read'],
  'push:manage': ['push:read'],
  'preview:manage': ['preview:read'],
  'preview:control': ['preview:read'],
  'preview:approve': ['preview:read'],
  'domain:manage': ['domain:read'],
  'domain:delete': ['domain:read'],
  'certificate:manage': ['domain:read'],
  'access:manage': ['access:read'],
  'maintenance:manage': ['access:read'],
  'delivery:replay': ['delivery:read'],
  'connection:manage': ['connection:read'],
  'github-app:manage': ['connection:read'],
}

/** What somebody can do with it is seen as well: a role that deploys sites sees sites and deploys. In the order of the table. */
export function withReading(chosen: readonly Permission[]): Permission[] {
  const wanted = new Set<Permission>(chosen.flatMap((permission) => [permission, ...(readingOf[permission] ?? [])]))
  if (chosen.some((permission) => canBeHeldOn(permission, 'site'))) wanted.add('site:read')
  if (chosen.some((permission) => canBeHeldOn(permission, 'server') && !canBeHeldOn(permission, 'site')))
    wanted.add('server:read')
  return allPermissions.filter((permission) => wanted.has(permission))
}

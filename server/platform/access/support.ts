import type { Access } from './access.js'
import type { Permission } from './permissions.js'

/**
 * What an operator may do in a team that let them in to help. A list of what is allowed, so that whatever is added later
 * is not: never passwords, factors, keys, tokens or money, and nothing that would outlast the visit (AZ-18).
 */
export const supportMay: ReadonlySet<Permission> = new Set<Permission>([
  ...(['team:read', 'member:read', 'event:read', 'event:verify', 'server:read', 'server:check'] as const),
  ...(['site:read', 'site:update', 'site:control', 'environment:read', 'log:read'] as const),
  ...(['deploy:read', 'deploy:create', 'deploy:roll-back', 'deploy:cancel'] as const),
  ...(['operation:read', 'operation:cancel', 'freeze:manage', 'preview:read', 'preview:control'] as const),
  ...(['domain:read', 'access:read', 'maintenance:manage', 'push:read', 'delivery:read', 'delivery:replay'] as const),
  'connection:read',
])

export const supportAccess: Access = { everywhere: supportMay, on: new Map() }

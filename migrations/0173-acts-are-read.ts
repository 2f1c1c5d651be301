import type { Knex } from 'knex'

/**
 * Whoever may do something with a thing reads it: roles, keys and tokens of directories that were made before that was so
 * are given it.
 */
export async function up(knex: Knex): Promise<void> {
  for (const table of ['roles', 'api_keys', 'directory_tokens'])
    for (const [reading, acts] of Object.entries(actsOf))
      await knex.raw(
        `update ?? set permissions = permissions || ?::text where permissions && ?::text[] and not ? = any(permissions)`,
        [table, reading, acts, reading],
      )
}

const actsOf = {
  'site:read': ['role:manage', 'site-group:manage'],
  'server:read': ['role:manage'],
  'member:read': [
    ...['role:manage', 'site-group:manage', 'member:invite', 'member:remove', 'sign-in:manage', 'team:transfer'],
  ],
  'audit:read': ['audit:export'],
  'environment:read': ['environment:update'],
  'deploy:read': ['deploy:create', 'deploy:roll-back', 'deploy:cancel'],
  'operation:read': ['operation:cancel'],
  'push:read': ['freeze:manage', 'deploy-hook:manage', 'push:manage'],
  'preview:read': ['preview:manage', 'preview:control', 'preview:approve'],
  'domain:read': ['domain:manage', 'domain:delete', 'certificate:manage'],
  'access:read': ['access:manage', 'maintenance:manage'],
  'delivery:read': ['delivery:replay'],
  'connection:read': ['connection:manage', 'github-app:manage'],
}

import type { TeamCtx } from '../platform/access/ctx.js'
import { allPermissions, type Permission } from '../platform/access/permissions.js'
import { listRoles, permissionGroups, someThings } from '../roles/roles.js'
import { listApiKeys } from './api-keys.js'

/** The keys, and what a new one can be given: never more than who makes it may do. */
export async function keysPage(ctx: TeamCtx) {
  const mayGive = (permissions: readonly Permission[]) => permissions.every((permission) => ctx.may(permission))
  const roles = (await listRoles(ctx)).filter(({ permissions }) => mayGive(permissions))
  return {
    apiKeys: await listApiKeys(ctx),
    roles: [
      ...roles.map(({ id, name, isOwn }) => ({ value: id, label: isOwn ? name : `${name} (built in)` })),
      { value: 'chosen', label: 'Only what is chosen below' },
    ],
    givable: permissionGroups(allPermissions.filter((permission) => ctx.may(permission))),
    things: await ctx.reading(someThings),
    team: ctx.team,
  }
}

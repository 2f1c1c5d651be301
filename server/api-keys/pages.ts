import type { TeamCtx } from '../platform/access/ctx.js'
import { allPermissions, canBeHeldOn, type Permission } from '../platform/access/permissions.js'
import { listRoles, permissionGroups, thingsSeen } from '../roles/roles.js'
import { listApiKeys } from './api-keys.js'

/** The keys, and what a new one can be given: never more than who makes it may do. */
export async function keysPage(ctx: TeamCtx) {
  const isForTeam = ctx.may('api-key:manage-own', null)
  const may = (permission: Permission) => ctx.maySomewhere(permission)
  const counts = (permission: Permission) => isForTeam || canBeHeldOn(permission, 'site')
  const roles = (await listRoles(ctx)).filter(({ permissions }) => permissions.filter(counts).every(may))
  return {
    apiKeys: await listApiKeys(ctx),
    roles: [
      ...roles.map(({ id, name, isOwn }) => ({ value: id, label: isOwn ? name : `${name} (built in)` })),
      { value: 'chosen', label: 'Only what is chosen below' },
    ],
    givable: permissionGroups(allPermissions.filter(may)),
    things: await thingsSeen(ctx),
    isForTeam,
    team: ctx.team,
  }
}

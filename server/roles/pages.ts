import type { TeamCtx } from '../platform/access/ctx.js'
import { allPermissions, type Permission, permissions } from '../platform/access/permissions.js'
import { findRole, listRoles } from './own-roles.js'
import { rightsOf } from './rights.js'
import { thingsSeen } from './seen.js'

/** What the pages of roles show besides the roles themselves. */

export interface PermissionGroup {
  about: string
  items: { permission: Permission; label: string; isDangerous: boolean }[]
}

/** As they are ticked: the dangerous ones after the others, so that nobody takes one along. */
export function permissionGroups(shown: readonly Permission[]): PermissionGroup[] {
  const items = shown.map((permission) => {
    const { about, label, ...rest } = permissions[permission]
    return { permission, about, label, isDangerous: 'isDangerous' in rest }
  })
  return [...new Set(items.map(({ about }) => about))].map((about) => ({
    about,
    items: items.filter((item) => item.about === about).sort((a, b) => Number(a.isDangerous) - Number(b.isDangerous)),
  }))
}

export async function rolesPage(ctx: TeamCtx) {
  const roles = await listRoles(ctx)
  return {
    roles: roles.map((role) => ({ ...role, groups: permissionGroups(role.permissions) })),
    givable: permissionGroups(ownPermissions(ctx)),
  }
}

export async function rolePage(ctx: TeamCtx, id: string) {
  return { role: await findRole(ctx, id), givable: permissionGroups(ownPermissions(ctx)) }
}

export async function rightsPage(ctx: TeamCtx, userId: string) {
  const rights = await rightsOf(ctx, userId)
  const roles = await listRoles(ctx)
  return {
    ...rights,
    rights: rights.rights.map((right) => ({ ...right, ...permissions[right.permission] })),
    roles: roles.map(({ id, name, isOwn }) => ({ value: id, label: isOwn ? name : `${name} (built in)` })),
    things: await thingsSeen(ctx),
  }
}

const ownPermissions = (ctx: TeamCtx): Permission[] => allPermissions.filter((permission) => ctx.may(permission))

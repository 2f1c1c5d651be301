import type { TeamCtx } from '../platform/access/ctx.js'
import { countsOn, isPermission, type Permission } from '../platform/access/permissions.js'
import { permissionsOf, type Role, roleNames } from '../platform/access/roles.js'

/** Where a role is held. A group's id stands for its sites. */
export type On = { readonly kind: 'team' } | { readonly kind: 'group' | 'site' | 'server'; readonly id: string }

/** A role to give: a built-in one by its name, or one of the team's own by its id. */
export interface GivenRole {
  readonly builtIn: Role | null
  readonly ownId: string | null
  readonly name: string
  readonly permissions: readonly Permission[]
}

export const builtInRole = (role: Role): GivenRole => ({
  builtIn: role,
  ownId: null,
  name: titleOf(role),
  permissions: [...permissionsOf[role]],
})

export const titleOf = (role: Role): string => `${role[0]?.toUpperCase()}${role.slice(1)}`

export const isBuiltIn = (text: string): text is Role => (roleNames as readonly string[]).includes(text)

/** A permission that a newer or older version of Hostler knows is left out. */
export const knownPermissions = (texts: readonly string[]): Permission[] => texts.filter(isPermission)

/** Groups of sites are named to who sees who holds what in the team, or all of its sites. */
export const seesGroups = (ctx: Pick<TeamCtx, 'may'>): boolean =>
  ctx.may('member:read', null) || ctx.may('site:read', null)

/** What of a role counts where it is held; a role on a server is one on its sites, too. */
export const countingOn = (permissions: readonly Permission[], { kind }: On): Permission[] =>
  permissions.filter((permission) => countsOn(permission, kind))

/** Nobody gives or takes what they may not do themselves. Null when they may. */
export function whyNotGive(role: GivenRole, on: On, may: (permission: Permission) => boolean): string | null {
  const counting = countingOn(role.permissions, on)
  if (counting.length === 0) return `${role.name} allows nothing there: all of it is about the whole team`
  const lacking = counting.find((permission) => !may(permission))
  return lacking ? `${role.name} allows more than you may do yourself` : null
}

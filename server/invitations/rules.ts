import { type Access, allows } from '../platform/access/access.js'
import { canBeHeldOn, type Permission } from '../platform/access/permissions.js'
import { permissionsOf, type Role, roleNames } from '../platform/access/roles.js'
import type { On } from '../roles/roles.js'

const day = 24 * 60 * 60_000

export const validDays = 7
export const validMs = validDays * day

/** Each sends a mail to an address that somebody typed. How many in a day: platform/quotas. */
export const limits = { open: 100, resendMs: 60_000 } as const

/** What somebody would hold: a role of every team or of this one, on all of it or on a part. */
export interface Offer {
  readonly role: Role | null
  readonly permissions: readonly Permission[]
  readonly on: On
}

/** Nobody gives what they do not hold themselves, there and now. `access` is null for the system. */
export function mayOffer(access: Access | null, { permissions, on }: Offer): boolean {
  if (access === null) return true
  if (on.kind === 'team') return permissions.every((permission) => allows(access, permission))
  // A group changes; who gives a role on it must hold that everywhere.
  const kind = on.kind === 'group' ? 'site' : on.kind
  const id = on.kind === 'group' ? null : on.id
  return permissions
    .filter((permission) => canBeHeldOn(permission, kind))
    .every((permission) => allows(access, permission, id))
}

/**
 * What is left of an offer when whoever made it may do less today: the strongest role that both allow. Null where that is
 * nothing (IV-03).
 */
export function leftOf(offer: Offer, inviter: Access | null): Offer | null {
  if (mayOffer(inviter, offer)) return offer
  if (offer.role === null || offer.on.kind !== 'team') return null
  const wanted = permissionsOf[offer.role]
  for (const role of roleNames) {
    const less: Offer = { role, permissions: [...permissionsOf[role]], on: { kind: 'team' } }
    if (less.permissions.every((permission) => wanted.has(permission)) && mayOffer(inviter, less)) return less
  }
  return null
}

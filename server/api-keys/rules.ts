import type { Permission } from '../platform/access/permissions.js'
import { permissionsOf, type Role, roleNames } from '../platform/access/roles.js'

const day = 24 * 60 * 60_000

export const keyStart = 'hst_'

/** Enough to tell one's keys apart by, and too little to guess the other 37 characters from. */
export const prefixLength = keyStart.length + 6

/** Writing "last used" on each call would make every call a write. */
export const usedEveryMs = 60_000

/** For how long a key may be good; null is for ever. */
export const lifetimes = { '30': 30 * day, '90': 90 * day, '365': 365 * day, never: null } as const

export type Lifetime = keyof typeof lifetimes

export const expiryOf = (lifetime: Lifetime, now: Date): Date | null => {
  const ms = lifetimes[lifetime]
  return ms === null ? null : new Date(now.getTime() + ms)
}

/** The roles that somebody may give to a key: those that may do nothing they may not do themselves. */
export const grantableRoles = (may: (permission: Permission) => boolean): Role[] =>
  roleNames.filter((role) => [...permissionsOf[role]].every(may))

export type KeyState = 'active' | 'expired' | 'revoked'

export function stateOf(key: { revoked_at: Date | null; expires_at: Date | null }, now: Date): KeyState {
  if (key.revoked_at !== null) return 'revoked'
  return key.expires_at !== null && key.expires_at <= now ? 'expired' : 'active'
}

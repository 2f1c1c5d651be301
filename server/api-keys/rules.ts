import type { Permission } from '../platform/access/permissions.js'

const hour = 60 * 60_000
const day = 24 * hour

/**
 * Scanners of repositories find keys by how they begin, and what may stand in public begins differently. Older keys have
 * neither `sk_` nor `pk_`.
 */
export const keyStart = { secret: 'hst_sk_', publishable: 'hst_pk_' } as const

/** Enough to tell one's keys apart by, and too little to guess the other 37 characters from. */
export const prefixLength = keyStart.secret.length + 6

/** What may stand in a page that everybody reads: how sites are, and nothing that could be changed or is about people. */
export const publishable: readonly Permission[] = ['site:read', 'deploy:read', 'preview:read']

/** Writing "last used" on each call would make every call a write. */
export const usedEveryMs = 60_000

/** For how long a key may be good; null is for ever. */
export const lifetimes = { '30': 30 * day, '90': 90 * day, '365': 365 * day, never: null } as const

export type Lifetime = keyof typeof lifetimes

export const expiryOf = (lifetime: Lifetime, now: Date): Date | null => {
  const ms = lifetimes[lifetime]
  return ms === null ? null : new Date(now.getTime() + ms)
}

/** How long the old key goes on beside the new one, while programs are given that. In hours. */
export const overlaps = ['0', '1', '24', '168'] as const

/** When an old key ends that was replaced now: never later than it would have. */
export function endOfOld(key: { expires_at: Date | null }, overlap: (typeof overlaps)[number], now: Date): Date {
  const end = new Date(now.getTime() + Number(overlap) * hour)
  return key.expires_at !== null && key.expires_at < end ? key.expires_at : end
}

/** When the new key ends: it is good for as long as the one that it replaces was. */
export const endOfNew = (key: { expires_at: Date | null; created_at: Date }, now: Date): Date | null =>
  key.expires_at === null ? null : new Date(now.getTime() + key.expires_at.getTime() - key.created_at.getTime())

export type KeyState = 'active' | 'expired' | 'revoked'

export function stateOf(key: { revoked_at: Date | null; expires_at: Date | null }, now: Date): KeyState {
  if (key.revoked_at !== null) return 'revoked'
  return key.expires_at !== null && key.expires_at <= now ? 'expired' : 'active'
}

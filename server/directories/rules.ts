import type { Permission } from '../platform/access/permissions.js'
import type { Role } from '../platform/access/roles.js'

const hour = 60 * 60_000
const day = 24 * hour

/** Scanners of repositories find it by how it begins. */
export const tokenStart = 'hst_scim_'

/** Enough to tell tokens apart by, and too little to guess the other 37 characters from. */
export const prefixLength = tokenStart.length + 6

/** For how long a token may be good, in days. */
export const lifetimes = ['90', '180', '365'] as const

export type Lifetime = (typeof lifetimes)[number]

export const expiryOf = (lifetime: Lifetime, now: Date): Date => new Date(now.getTime() + Number(lifetime) * day)

/** How long the old token goes on beside the new one, while the directory is given that. In hours. */
export const overlaps = ['0', '1', '24', '168'] as const

/** When an old token ends that was replaced now: never later than it would have. */
export function endOfOld(token: { expires_at: Date }, overlap: (typeof overlaps)[number], now: Date): Date {
  const end = new Date(now.getTime() + Number(overlap) * hour)
  return token.expires_at < end ? token.expires_at : end
}

/** When the new token ends: it is good for as long as the one that it replaces was. */
export const endOfNew = (token: { expires_at: Date; created_at: Date }, now: Date): Date =>
  new Date(now.getTime() + token.expires_at.getTime() - token.created_at.getTime())

/** What is kept of one that is over; older ones are still in the audit log. */
export const mostTokens = 20

/** Writing "last used" on each request would make every request a write. */
export const usedEveryMs = 60_000

/** Entra asks for 25 a second. */
export const mostPerMinute = 3000

/** Of a list in one answer (RFC 7644, 3.4.2.4). */
export const page = { usual: 100, most: 200 } as const

/** Of members in one request: each who gets a role by it is an event of its own. */
export const mostMembers = 1000

/** What a directory does in a team. Whoever makes its token without one of these makes a directory without it. */
export const acts = { takesIn: 'member:invite', takesOut: 'member:remove' } as const satisfies Record<
  string,
  Permission
>

/** Ownership is given by a person: a team whose owners came and went with a group could be left without. */
export const mayBeMapped = (role: Role | null, on: { kind: string }): boolean => role !== 'owner' || on.kind !== 'team'

/** As people read it of a right that somebody has. */
export const grantedBy = (group: string, connection: string): string => `the group ${group} of ${connection}`

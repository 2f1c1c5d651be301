import type { Seen } from '../db/doors.js'
import { canBeHeldOn, countsOn, isOfOnesOwn, type Permission } from './permissions.js'
import { permissionsOf, type Role } from './roles.js'

/** What somebody may do in one team: in all of it, and on single sites and servers of it. */
export interface Access {
  readonly everywhere: ReadonlySet<Permission>
  /** By the id of a site or server. */
  readonly on: ReadonlyMap<string, ReadonlySet<Permission>>
}

/** A role that somebody holds, and on what. */
export interface Holding {
  /** The built-in role; null when it is one of the team's own. */
  readonly role: Role | null
  /** Of the team's own role; null when it is a built-in one. */
  readonly permissions: readonly Permission[] | null
  /** The whole team when null. */
  readonly on: { readonly kind: 'site' | 'server' | 'group'; readonly id: string } | null
}

export const wholeTeam = (role: Role): Holding => ({ role, permissions: null, on: null })

/** Whether a menu has anything to offer them for it: asked of the holdings alone, without looking anything up. */
export const holdsSomewhere = (holdings: readonly Holding[], permission: Permission): boolean =>
  ofMembers.includes(permission) ||
  holdings.some(
    (holding) => countsOn(permission, holding.on?.kind ?? 'team') && [...permissionsHeld(holding)].includes(permission),
  )

/** What a holding reaches: the server itself, its sites, the sites of a group, a site with its previews. */
export interface Reached {
  readonly kind: 'site' | 'server'
  readonly id: string
}

/** Being in a team is seeing that it is there. */
const ofMembers: readonly Permission[] = ['team:read']

/**
 * Adds up what somebody holds. `reached` gives for a holding what it reaches; for one on the whole team it is not asked.
 * Of a role held on a site only that counts which means something on a site.
 */
export function accessOf(holdings: readonly Holding[], reached: (holding: Holding) => readonly Reached[]): Access {
  const everywhere = new Set(ofMembers)
  const on = new Map<string, Set<Permission>>()
  for (const holding of holdings) {
    const granted = permissionsHeld(holding)
    if (holding.on === null) for (const permission of granted) everywhere.add(permission)
    else
      for (const { kind, id } of reached(holding)) {
        const held = on.get(id) ?? new Set()
        for (const permission of granted) if (canBeHeldOn(permission, kind)) held.add(permission)
        on.set(id, held)
      }
  }
  return { everywhere, on }
}

const permissionsHeld = ({ role, permissions: own }: Holding): Iterable<Permission> =>
  own ?? (role === null ? [] : permissionsOf[role])

/** What both allow: a key may never do more than who made it. */
export function within(one: Access, other: Access): Access {
  const everywhere = new Set([...one.everywhere].filter((permission) => other.everywhere.has(permission)))
  const on = new Map<string, Set<Permission>>()
  for (const id of [...one.on.keys(), ...other.on.keys()]) {
    const held = heldOn(one, id).filter((permission) => allows(other, permission, id))
    if (held.length > 0) on.set(id, new Set(held))
  }
  return { everywhere, on }
}

const heldOn = (access: Access, id: string): Permission[] => [...access.everywhere, ...(access.on.get(id) ?? [])]

/** Whether it is allowed on that thing; without a thing, in the whole team. */
export const allows = ({ everywhere, on }: Access, permission: Permission, id?: string | null): boolean =>
  everywhere.has(permission) || (id != null && on.get(id)?.has(permission) === true)

/** Whether it is allowed anywhere at all: enough to open a list, which then shows only what is theirs. */
export const allowsSomewhere = ({ everywhere, on }: Access, permission: Permission): boolean =>
  everywhere.has(permission) || [...on.values()].some((held) => held.has(permission))

/**
 * What of the team there is for somebody: the database shows them no other row. Null for who reads all of its things.
 * @param where only where this is allowed as well, as for a list of what it lets one read
 */
export function seenOf({ everywhere, on }: Access, where: Permission | null = null): Seen | null {
  // To read a thing is what being shown it means: those two ask for nothing more.
  const isFree = where === null || readingThings.includes(where) || everywhere.has(where)
  const seesSites = isFree && everywhere.has('site:read')
  const seesServers = isFree && everywhere.has('server:read')
  if (seesSites && seesServers) return null
  const isShown = (held: ReadonlySet<Permission>) =>
    readingThings.some((reading) => held.has(reading) || (!isFree && everywhere.has(reading)))
  // An id is of a site or of a server and never of both, so one list serves for both.
  const ids = [...on].flatMap(([id, held]) => (isShown(held) && (isFree || held.has(where)) ? [id] : []))
  const eventsOfTeam = everywhere.has('event:read')
  return { sites: seesSites ? 'all' : ids, servers: seesServers ? 'all' : ids, eventsOfTeam }
}

const readingThings: readonly Permission[] = ['site:read', 'server:read']

export type Decision = 'yes' | 'no' | 'unseen'

/**
 * What an address is about: a site or server by its id (null: there is none of that name), a list that shows only what the
 * caller may see, or the team itself.
 */
export type Here =
  | { readonly kind: 'site' | 'server'; readonly id: string | null }
  | { readonly kind: 'list' }
  | { readonly kind: 'team' }

/** The one decision, for pages, API, streams and sockets alike. `unseen` has to be answered as what is not there. */
export function decide(access: Access, permission: Permission, here: Here): Decision {
  if (access.everywhere.has(permission)) return 'yes'
  if (here.kind === 'list' || (here.kind === 'team' && isOfOnesOwn(permission)))
    return allowsSomewhere(access, permission) ? 'yes' : 'no'
  if (here.kind === 'team') return 'no'
  if (here.id !== null && allows(access, permission, here.id)) return 'yes'
  const isSeen = allows(access, `${here.kind}:read`, here.id)
  return isSeen || access.on.size === 0 ? 'no' : 'unseen'
}

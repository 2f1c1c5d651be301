import type { Permission } from '../platform/access/permissions.js'
import { permissionsOf, type Role, roleNames } from '../platform/access/roles.js'
import { no, type Verdict, yes } from '../platform/verdict.js'

/** Of how many teams one person may be an owner: enough for an agency, too few to fill a disk with. */
export const mostOwned = 20

type May = (permission: Permission) => boolean

/** Nobody gives or takes what they do not have themselves; so it is owners alone who make owners, and unmake them. */
export const mayGive = (may: May, role: Role | null): boolean =>
  role === null || [...permissionsOf[role]].every((permission) => may(permission))

export const rolesToGive = (may: May): Role[] => roleNames.filter((role) => mayGive(may, role))

interface Known {
  readonly id: string
  readonly name: string
  /** Null: they hold roles on parts of the team alone. */
  readonly role: Role | null
}

/** `by` is who asks; `owners` are those who can sign in; `breakGlass` is who opens a team that requires its own sign-in. */
interface Around {
  readonly by: string | null
  readonly may: May
  readonly owners: readonly string[]
  readonly breakGlass: string | null
}

const lastOwner = no(
  'A team keeps an owner, and this is the last one',
  'Make somebody else an owner first, or delete the team.',
)

/** Whether the team stays in good hands when this member owns it no longer. */
function withoutOwner(member: Known, { owners, breakGlass }: Pick<Around, 'owners' | 'breakGlass'>): Verdict {
  if (member.role !== 'owner') return yes
  if (owners.every((id) => id === member.id)) return lastOwner
  if (member.id !== breakGlass) return yes
  return no(
    `${member.name} is the owner who opens the team when its own sign-in fails`,
    'Name another break-glass owner first, on the page that requires the sign-in.',
  )
}

export const memberCan = {
  change(member: Known, role: Role | null, { may, ...around }: Around): Verdict {
    if (!mayGive(may, member.role)) return no(`${member.name} may do more here than you`, 'Ask an owner of the team.')
    if (!mayGive(may, role)) return no('You cannot give a role that may do more than yours')
    return role === 'owner' ? yes : withoutOwner(member, around)
  },

  remove(member: Known, { by, may, ...around }: Around): Verdict {
    if (member.id === by) return no('This is you', 'Leave the team on its settings page.')
    if (!mayGive(may, member.role)) return no(`${member.name} may do more here than you`, 'Ask an owner of the team.')
    return withoutOwner(member, around)
  },

  /** Also of an owner who gives the team away, and is followed by another. */
  leave: withoutOwner,
}

/** Nothing new is put on servers for a team that is closed; what runs there goes on. */
export function openVerdict(team: { delete_after: Date | null; suspended_at: Date | null }): Verdict {
  if (team.suspended_at) return no('The team is suspended')
  if (team.delete_after) return no('The team is being deleted')
  return yes
}

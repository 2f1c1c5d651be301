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

/** `by` is who asks; `owners` counts those who can sign in. */
interface Around {
  readonly by: string | null
  readonly may: May
  readonly owners: number
}

const lastOwner = no(
  'A team keeps an owner, and this is the last one',
  'Make somebody else an owner first, or delete the team.',
)

export const memberCan = {
  change(member: Known, role: Role | null, { may, owners }: Around): Verdict {
    if (!mayGive(may, member.role)) return no(`${member.name} may do more here than you`, 'Ask an owner of the team.')
    if (!mayGive(may, role)) return no('You cannot give a role that may do more than yours')
    return member.role === 'owner' && role !== 'owner' && owners <= 1 ? lastOwner : yes
  },

  remove(member: Known, { by, may, owners }: Around): Verdict {
    if (member.id === by) return no('This is you', 'Leave the team on its settings page.')
    if (!mayGive(may, member.role)) return no(`${member.name} may do more here than you`, 'Ask an owner of the team.')
    return member.role === 'owner' && owners <= 1 ? lastOwner : yes
  },

  leave: (member: Known, { owners }: Pick<Around, 'owners'>): Verdict =>
    member.role === 'owner' && owners <= 1 ? lastOwner : yes,
}

/** Nothing new is put on servers for a team that is closed; what runs there goes on. */
export function openVerdict(team: { delete_after: Date | null; suspended_at: Date | null }): Verdict {
  if (team.suspended_at) return no('The team is suspended')
  if (team.delete_after) return no('The team is being deleted')
  return yes
}

import type { TeamTx } from '../platform/access/ctx.js'
import type { Role } from '../platform/access/roles.js'
import { forbidden } from '../platform/errors.js'
import { allowsMore, type On, roleOf } from '../roles/roles.js'

/** A role on a group, and in words what bears it. */
interface Held {
  role: Role | null
  role_id: string | null
  own_name: string
  own_permissions: string[] | null
}

/**
 * What is held on the group, or will be by a directory or an invitation, is given or taken there with it, so it has to be
 * theirs to give. Throws 403.
 */
export async function refuseStronger(tx: TeamTx, on: On, groupId: string): Promise<void> {
  // Invitations first: who accepts one meanwhile is found among the people then.
  for (const held of [...(await offeredOn(tx, groupId)), ...(await heldOn(tx, groupId))])
    if (allowsMore(tx.ctx, roleOf(held), on))
      throw forbidden(`${held.own_name} is held on this group, which allows more than you may do yourself`)
}

/** By people, by groups of a directory, and by keys of the team: one of a person is bound by theirs. */
const heldOn = (tx: TeamTx, groupId: string): Promise<Held[]> =>
  tx.db.rows<Held>(
    `select held.role, held.role_id, coalesce(own.name, held.role) as own_name, own.permissions as own_permissions
     from (
       select role, role_id from role_grants where team_id = $1 and group_id = $2
       union select role, role_id from directory_roles where team_id = $1 and group_id = $2
     ) held left join roles own on own.id = held.role_id
     union all
     select role, null, 'The key ' || name, permissions from api_keys
     where team_id = $1 and group_id = $2 and owner = 'team' and revoked_at is null and (expires_at is null or expires_at > $3)`,
    [tx.ctx.team.id, groupId, tx.ctx.now()],
  )

/**
 * By invitations that can still be accepted, whose rows no team's door opens to. Asked on a connection of its own that locks
 * nothing, so nobody who waits for this transaction can hold it up.
 */
const offeredOn = ({ ctx }: TeamTx, groupId: string): Promise<Held[]> =>
  ctx.services.db.askIdentity<Held>(
    `select invitation.role, invitation.role_id, 'An invitation as ' || coalesce(own.name, invitation.role) as own_name,
       own.permissions as own_permissions
     from invitations invitation left join roles own on own.id = invitation.role_id
     where invitation.team_id = $1 and invitation.group_id = $2 and invitation.accepted_at is null
       and invitation.revoked_at is null and invitation.expires_at > $3`,
    [ctx.team.id, groupId, ctx.now()],
  )

import type { Holding } from '../platform/access/access.js'
import type { TeamTx } from '../platform/access/ctx.js'
import type { Permission } from '../platform/access/permissions.js'
import type { Role } from '../platform/access/roles.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { InvitationsRow } from '../platform/db/tables.js'
import { holdingsSql } from '../roles/roles.js'

type Identity = TransactionOf<'identity'>

/** With everything that its reader needs to know. */
export interface Invitation {
  id: string
  teamId: string
  teamSlug: string
  teamName: string
  isTeamOpen: boolean
  email: string
  role: Role | null
  roleId: string | null
  roleName: string | null
  permissions: Permission[] | null
  siteId: string | null
  serverId: string | null
  groupId: string | null
  inviterId: string
  inviter: string
  isMailed: boolean
  sentAt: Date
  expiresAt: Date
}

const invitationsSql = `
  select invitation.id, team.id as "teamId", team.slug as "teamSlug", team.name as "teamName",
    (team.delete_after is null and team.suspended_at is null) as "isTeamOpen", invitation.email, invitation.role,
    invitation.role_id as "roleId", own.name as "roleName", own.permissions, invitation.site_id as "siteId",
    invitation.server_id as "serverId", invitation.group_id as "groupId", inviter.id as "inviterId",
    inviter.name as inviter, invitation.is_mailed as "isMailed", invitation.sent_at as "sentAt",
    invitation.expires_at as "expiresAt"
  from invitations invitation
    join teams team on team.id = invitation.team_id
    join users inviter on inviter.id = invitation.invited_by
    left join roles own on own.id = invitation.role_id
  where invitation.accepted_at is null and invitation.revoked_at is null`

export const openInvitations = (db: Identity, teamId: string): Promise<Invitation[]> =>
  db.rows(`${invitationsSql} and invitation.team_id = $1 order by invitation.email`, [teamId])

export const maybeOpen = async (db: Identity, teamId: string, id: string): Promise<Invitation | undefined> =>
  (await db.rows<Invitation>(`${invitationsSql} and invitation.team_id = $1 and invitation.id = $2`, [teamId, id]))[0]

export const maybeByToken = async (db: Identity, tokenHash: Buffer, now: Date): Promise<Invitation | undefined> =>
  (
    await db.rows<Invitation>(`${invitationsSql} and invitation.token_hash = $1 and invitation.expires_at > $2`, [
      tokenHash,
      now,
    ])
  )[0]

export const insertInvitation = async (
  db: Identity,
  row: Omit<InvitationsRow, 'accepted_at' | 'accepted_by' | 'revoked_at'>,
): Promise<void> => void (await db('invitations').insert(row))

/** Those that are over make room for others to the same addresses. Returns which they are. */
export const revokeExpired = (db: Identity, teamId: string, now: Date): Promise<{ id: string; email: string }[]> =>
  db('invitations')
    .update({ revoked_at: now })
    .where({ team_id: teamId })
    .whereNull('accepted_at')
    .whereNull('revoked_at')
    .where('expires_at', '<=', now)
    .returning(['id', 'email'])

export const updateToken = (
  db: Identity,
  id: string,
  change: Pick<InvitationsRow, 'token_hash' | 'sent_at' | 'expires_at' | 'is_mailed' | 'invited_by'>,
): Promise<number> => db('invitations').update(change).where({ id }).whereNull('accepted_at').whereNull('revoked_at')

export const revoke = async (db: Identity, teamId: string, id: string, now: Date): Promise<string | undefined> => {
  const [row] = await db('invitations')
    .update({ revoked_at: now })
    .where({ team_id: teamId, id })
    .whereNull('accepted_at')
    .whereNull('revoked_at')
    .returning('email')
  return row?.email
}

export const isKnown = async (db: Identity, teamId: string, id: string): Promise<boolean> =>
  (await db('invitations').select('id').where({ team_id: teamId, id }).first()) !== undefined

/** Uses it up. Of many at once exactly one is told that it did. */
export const claimInvitation = async (db: Identity, tokenHash: Buffer, userId: string, now: Date): Promise<boolean> =>
  (await db('invitations')
    .update({ accepted_at: now, accepted_by: userId })
    .where({ token_hash: tokenHash })
    .whereNull('accepted_at')
    .whereNull('revoked_at')
    .where('expires_at', '>', now)) === 1

export const isMember = async (db: Identity, teamId: string, email: string): Promise<boolean> =>
  (await db('memberships as membership')
    .join('users as person', 'person.id', 'membership.user_id')
    .where('membership.team_id', teamId)
    .whereRaw('lower(person.email) = ?', [email])
    .select('person.id')
    .first()) !== undefined

export const teamOfConnection = async (db: Identity, id: string): Promise<string | undefined> =>
  (await db('sign_in_connections').select('team_id').where({ id }).first())?.team_id

/** What somebody holds in a team today; undefined for who is no member, or suspended. */
export const maybeHoldings = async (db: Identity, teamId: string, userId: string): Promise<Holding[] | undefined> =>
  (
    await db.rows<{ holdings: Holding[] }>(
      `select ${holdingsSql} as holdings from memberships membership join users person on person.id = membership.user_id
       where membership.team_id = $1 and membership.user_id = $2 and person.disabled_at is null`,
      [teamId, userId],
    )
  )[0]?.holdings

/** The names of sites, servers and groups of sites, by their ids. */
export async function thingsNamed(tx: TeamTx, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await tx.db.rows<{ id: string; name: string }>(
    `select id, name from sites where team_id = $1 and id = any($2)
     union all select id, name from servers where team_id = $1 and id = any($2)
     union all select id, name from site_groups where team_id = $1 and id = any($2)`,
    [tx.ctx.team.id, ids],
  )
  return new Map(rows.map(({ id, name }) => [id, name]))
}

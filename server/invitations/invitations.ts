import { makerOfKey } from '../api-keys/api-keys.js'
import { paths } from '../paths.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { conflict, FieldError, forbidden, notFound, UserError } from '../platform/errors.js'
import { appendInTeam } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import { newLinkToken } from '../platform/link-token.js'
import { Secret } from '../platform/secret.js'
import { columnsOf, nameSeen, titleOf } from '../roles/roles.js'
import { lockTeam } from '../teams/teams.js'
import { choicesFor, findOffer, offerOf } from './offers.js'
import * as queries from './queries.js'
import { limits, mayOffer, validDays, validMs } from './rules.js'
import type { NewInvitation } from './schema.js'

export { joinInvited, type Offered, offeredToNewcomer } from './accepting.js'

type Identity = TransactionOf<'identity'>

/** The link, where it could not be mailed: whoever invites passes it on. */
export interface Sent {
  readonly id: string
  readonly email: string
  readonly link: Secret | null
}

export async function listInvitations(ctx: TeamCtx) {
  const rows = await ctx.services.db.asIdentity((db) => queries.openInvitations(db, ctx.team.id))
  const { roles, things } = await choicesFor(ctx)
  const idOf = ({ siteId, serverId, groupId }: queries.Invitation) => siteId ?? serverId ?? groupId
  const names = await ctx.reading((tx) =>
    queries.thingsNamed(
      tx,
      rows.map(idOf).filter((id) => id !== null),
    ),
  )
  const invitations = rows.map((row) => ({
    ...{ id: row.id, email: row.email, inviter: row.inviter, sentAt: row.sentAt, expiresAt: row.expiresAt },
    roleName: row.role ? titleOf(row.role) : (row.roleName ?? ''),
    onName: nameSeen(ctx, columnsOf(offerOf(row).on), names.get(idOf(row) ?? '') ?? null),
    isExpired: row.expiresAt <= ctx.now(),
    isMine: mayOffer(ctx.access, offerOf(row)),
  }))
  return { invitations, roles, things, canMail: ctx.services.mail.isSet, validDays }
}

/** The same answer whether or not there is an account with that address. Throws beside the field that is wrong. */
export async function invite(ctx: TeamCtx, wish: NewInvitation): Promise<Sent> {
  const invitedBy = await answerable(ctx)
  const offer = await findOffer(ctx, wish)
  if (!mayOffer(ctx.access, offer)) throw new FieldError('role', 'You cannot give a role that may do more than yours')
  const { id: teamId } = ctx.team
  const { email } = wish
  return ctx.services.db.asIdentity(async (db) => {
    await refuseAnother(db, ctx, email)
    const now = ctx.now()
    const id = newId()
    const link = makeLink(ctx)
    await queries.insertInvitation(db, {
      ...{ id, team_id: teamId, email, role: offer.role, role_id: offer.roleId, ...columnsOf(offer.on) },
      ...{ token_hash: link.hash, is_mailed: ctx.services.mail.isSet, invited_by: invitedBy },
      ...{ created_at: now, sent_at: now, expires_at: new Date(now.getTime() + validMs) },
    })
    await mail(db, ctx, { email, roleName: offer.roleName, onName: offer.onName }, link.url)
    const data = { name: email, role: offer.roleName, on: offer.onName }
    await tell(db, ctx, 'invitation.sent', id, data)
    return { id, email, link: ctx.services.mail.isSet ? null : link.url }
  })
}

/** A new link for another seven days; the one before it ends. From then on it offers what whoever sent it may give. */
export async function resendInvitation(ctx: TeamCtx, id: string): Promise<Sent> {
  const invitedBy = await answerable(ctx)
  return ctx.services.db.asIdentity(async (db) => {
    await lockTeam(db, ctx.team.id)
    const row = await findOpen(db, ctx, id)
    const now = ctx.now()
    if (now.getTime() - row.sentAt.getTime() < limits.resendMs)
      throw new UserError(429, 'It was sent less than a minute ago', 'Wait a moment, and look whether it has arrived.')
    const link = makeLink(ctx)
    await queries.updateToken(db, id, {
      ...{ token_hash: link.hash, sent_at: now, is_mailed: ctx.services.mail.isSet, invited_by: invitedBy },
      expires_at: new Date(now.getTime() + validMs),
    })
    const roleName = row.role ? titleOf(row.role) : (row.roleName ?? '')
    await mail(db, ctx, { email: row.email, roleName, onName: null }, link.url)
    await tell(db, ctx, 'invitation.resent', id, { name: row.email })
    return { id, email: row.email, link: ctx.services.mail.isSet ? null : link.url }
  })
}

/** Its link works no more. Revoking twice is revoking once. */
export const revokeInvitation = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.services.db.asIdentity(async (db) => {
    if (!isId(id) || !(await queries.isKnown(db, ctx.team.id, id))) throw notFound('invitation')
    if (!(await queries.maybeOpen(db, ctx.team.id, id))) return
    await findOpen(db, ctx, id)
    const email = await queries.revoke(db, ctx.team.id, id, ctx.now())
    if (email !== undefined) await tell(db, ctx, 'invitation.revoked', id, { name: email })
  })

async function findOpen(db: Identity, ctx: TeamCtx, id: string): Promise<queries.Invitation> {
  const row = isId(id) ? await queries.maybeOpen(db, ctx.team.id, id) : undefined
  if (!row) throw notFound('invitation')
  if (!mayOffer(ctx.access, offerOf(row))) throw forbidden('It gives a role that may do more than yours')
  return row
}

/** Under the team's lock, so that two who invite the same person do it one after the other. */
async function refuseAnother(db: Identity, ctx: TeamCtx, email: string): Promise<void> {
  const teamId = ctx.team.id
  await lockTeam(db, teamId)
  const expired = await queries.revokeExpired(db, teamId, ctx.now())
  if (await queries.isMember(db, teamId, email)) throw new FieldError('email', `${email} is in the team already`)
  const open = await queries.openInvitations(db, teamId)
  if (open.some((one) => one.email === email)) throw new FieldError('email', `${email} is invited already`)
  if (open.length >= limits.open) throw conflict('The team has 100 open invitations', 'Revoke some of them first.')
  for (const { id, email: name } of expired) await tell(db, ctx, 'invitation.cleared', id, { name })
}

function makeLink({ services }: TeamCtx): { url: Secret; hash: Buffer } {
  const { token, hash } = newLinkToken()
  return { url: new Secret(new URL(paths.invitation(token), services.config.baseUrl).href), hash }
}

async function mail(
  db: Identity,
  ctx: TeamCtx,
  { email, roleName, onName }: { email: string; roleName: string; onName: string | null },
  link: Secret,
): Promise<void> {
  if (!ctx.services.mail.isSet) return
  const data = { team: ctx.team.name, inviter: ctx.actor.name, roleName, onName, link: link.reveal(), validDays }
  await ctx.services.mail.sendMail(db, { to: email, view: 'invitation', data }, ctx.now())
}

type InvitationEvent = 'invitation.sent' | 'invitation.resent' | 'invitation.revoked' | 'invitation.cleared'

const tell = (db: Identity, ctx: TeamCtx, type: InvitationEvent, id: string, data: object) =>
  appendInTeam(
    db,
    ctx.team.id,
    ctx.actor,
    { type, subject: { kind: 'invitation', id }, data: { ...data }, address: ctx.address },
    ctx.now(),
  )

/** Of an API key, who made it: what is offered shrinks with what they may do themselves (IV-03). */
async function answerable(ctx: TeamCtx): Promise<string> {
  if (ctx.actor.kind === 'user') return ctx.actor.id
  const maker = await makerOfKey(ctx)
  if (maker === null) throw forbidden('A key of the team invites nobody: use one of a person, or sign in')
  return maker
}

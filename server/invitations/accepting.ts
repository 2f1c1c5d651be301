import type { z } from 'zod'
import type { Holding } from '../platform/access/access.js'
import { teamItself } from '../platform/access/authorizer.js'
import { PersonCtx, type TeamRef, type VisitorCtx } from '../platform/access/ctx.js'
import { refuseOwnSignIn } from '../platform/access/own-sign-in.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { conflict, forbidden, UserError } from '../platform/errors.js'
import { appendInTeam, appendOutsideTeams } from '../platform/events/append.js'
import type { NewCookie } from '../platform/http/cookies.js'
import { hashOfToken } from '../platform/link-token.js'
import type { Services } from '../platform/services.js'
import { askedOf, insertGrant, titleOf } from '../roles/roles.js'
import { replaceSession, type Whence } from '../sessions/sessions.js'
import { signUpMode } from '../sign-ups/sign-ups.js'
import { joinAs, lockTeam } from '../teams/teams.js'
import { actorOf, createUser, findSelf, hashOfNewPassword, maybeUserByEmail } from '../users/users.js'
import { offerOf } from './offers.js'
import * as queries from './queries.js'
import { leftOf, type Offer } from './rules.js'
import type { Newcomer } from './schema.js'

type Identity = TransactionOf<'identity'>

/** What its reader sees, and can do: accept it, sign in first, make an account first, or sign out first. */
export async function invitationPage(ctx: VisitorCtx, token = '') {
  const { services } = ctx
  const { row, offer } = await findOffered(services, token)
  const self = ctx instanceof PersonCtx && ctx.actor.kind === 'user' ? await findSelf(ctx) : null
  const hasAccount = Boolean(await services.db.asIdentity((db) => maybeUserByEmail(db, row.email)))
  const isClosed = (await signUpMode(services)) === 'closed'
  return {
    token,
    ...{
      teamId: row.teamId,
      teamName: row.teamName,
      inviter: row.inviter,
      email: row.email,
      isOnPart: offer.on.kind !== 'team',
    },
    roleName: offer.role ? titleOf(offer.role) : row.roleName,
    selfEmail: self?.email ?? null,
    next: nextFor(self?.email ?? null, row.email, { hasAccount, isClosed }),
  }
}

type Next = 'accept' | 'sign-out' | 'sign-in' | 'make-account' | 'nobody'

function nextFor(self: string | null, email: string, now: { hasAccount: boolean; isClosed: boolean }): Next {
  if (self !== null) return self === email ? 'accept' : 'sign-out'
  if (now.hasAccount) return 'sign-in'
  return now.isClosed ? 'nobody' : 'make-account'
}

/** For who is signed in with the address that was invited. Works once (IV-03). */
export async function acceptInvitation(ctx: PersonCtx, token: string): Promise<TeamRef> {
  const self = await findSelf(ctx)
  const { row, ...offered } = await findOffered(ctx.services, token)
  if (self.email !== row.email)
    throw forbidden(`The invitation is for ${row.email}, and you are signed in with ${self.email}`)
  await ctx.services.db.asIdentity(async (db) => {
    if (ctx.connectionId === null || (await queries.teamOfConnection(db, ctx.connectionId)) !== row.teamId)
      refuseOwnSignIn(ctx, 'opens no other team')
    await joinInvited(db, { row, ...offered, user: self, now: ctx.now(), address: ctx.address })
  })
  return { id: row.teamId, slug: row.teamSlug, name: row.teamName }
}

/** Makes the account, whose address the link proves where it was mailed, and signs them in. An account that is there already is left alone (IV-04). */
export async function acceptAsNewcomer(
  { services }: VisitorCtx,
  { token, name, password }: z.output<typeof Newcomer>,
  from: Whence & { readonly oldCookie: string | undefined },
): Promise<{ session: NewCookie; slug: string }> {
  const { row, ...offered } = await findOffered(services, token)
  if ((await signUpMode(services)) === 'closed') throw forbidden('This panel takes no new people')
  const { email } = row
  const passwordHash = await hashOfNewPassword(password, { email, name })
  const at = services.clock()
  const session = await services.db.asIdentity(async (db) => {
    const emailVerifiedAt = row.isMailed ? at : null
    const user = await createUser(db, { email, name, passwordHash, isOperator: false, emailVerifiedAt }, at)
    const subject = { kind: 'user', id: user.id }
    await joinInvited(db, { row, ...offered, user, now: at, address: from.ip })
    const cookie = await replaceSession(db, user, from, at, { by: 'password', factor: false })
    await appendOutsideTeams(
      db,
      actorOf(user),
      { type: 'user.signed-up', subject, data: { name, email }, address: from.ip },
      at,
    )
    return cookie
  })
  return { session, slug: row.teamSlug }
}

/** An invitation, and what is left of its offer today. */
export interface Offered {
  readonly row: queries.Invitation
  readonly offer: Offer
  readonly token: string
  /** Of whoever invited, which the offer was judged by. */
  readonly holdings: readonly Holding[]
}

/** Throws 404 for what is used, revoked, outlived or never was. */
async function findOffered(services: Services, token: string): Promise<Offered> {
  const found = await maybeOffered(services, token)
  if (!found) throw isOver()
  return found
}

async function maybeOffered(services: Services, token: string): Promise<Offered | undefined> {
  const now = services.clock()
  const found = await services.db.asIdentity((db) => maybeBacked(db, token, now))
  if (!found) return undefined
  const { row, holdings } = found
  const { access } = await askedOf(services, row.teamId, holdings, teamItself)
  const offer = leftOf(offerOf(row), access)
  return offer === null ? undefined : { row, offer, token, holdings }
}

/** While the team is open, and whoever invited is in it. */
async function maybeBacked(db: Identity, token: string, now: Date) {
  const row = await queries.maybeByToken(db, hashOfToken(token), now)
  const holdings = row?.isTeamOpen ? await queries.maybeHoldings(db, row.teamId, row.inviterId) : undefined
  return row && holdings && { row, holdings }
}

/** For somebody who comes by the team's own sign-in with a link in their browser. Undefined where it lets nobody in. */
export const offeredToNewcomer = async (services: Services, token: string): Promise<Offered | undefined> =>
  (await signUpMode(services)) === 'closed' ? undefined : maybeOffered(services, token)

interface Joining extends Offered {
  readonly user: { id: string; name: string }
  readonly now: Date
  readonly address: string | null
}

/** Uses the invitation up. @throws UserError 404 when somebody was faster, 409 when whoever invited may do less by now */
export async function joinInvited(db: Identity, joining: Joining): Promise<void> {
  const { row, offer, token, user, now, address } = joining
  await lockTeam(db, row.teamId)
  const backed = await maybeBacked(db, token, now)
  if (!backed) throw isOver()
  if (JSON.stringify(backed.holdings) !== JSON.stringify(joining.holdings))
    throw conflict('What the invitation offers has just changed', 'Open its link again.')
  if (!(await queries.claimInvitation(db, hashOfToken(token), user.id, now))) throw isOver()
  const isWhole = offer.on.kind === 'team' && offer.role !== null
  const held = await joinAs(db, row.teamId, user.id, isWhole ? offer.role : null, now)
  if (!isWhole)
    await insertGrant(db, {
      ...{ teamId: row.teamId, userId: user.id, role: offer.role, roleId: row.roleId, on: offer.on },
      ...{ grantedBy: row.inviter, at: now },
    })
  const subject = { kind: 'user', id: user.id }
  const data = {
    name: row.teamName,
    email: row.email,
    role: (isWhole ? held : offer.role) ?? row.roleName,
    invitedBy: row.inviter,
  }
  await appendInTeam(db, row.teamId, actorOf(user), { type: 'invitation.accepted', subject, data, address }, now)
}

const isOver = () =>
  new UserError(
    404,
    'This invitation does not work any more',
    'It works once, for seven days, until it is revoked. Ask whoever invited you for another.',
  )

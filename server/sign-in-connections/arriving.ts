import { randomBytes } from 'node:crypto'
import { teamOfDomain } from '../domain-claims/domain-claims.js'
import {
  domainOf,
  type Flow,
  identityUsed,
  linkIdentity,
  lockIdentity,
  maybeIdentity,
  type Proof,
} from '../identities/identities.js'
import { PersonCtx, type VisitorCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { UsersRow } from '../platform/db/tables.js'
import { appendInTeam } from '../platform/events/append.js'
import type { NewCookie } from '../platform/http/cookies.js'
import { Secret } from '../platform/secret.js'
import { createSession, dropSession, type Whence } from '../sessions/sessions.js'
import { addMember, isMember } from '../teams/teams.js'
import { actorOf, createUser, hashOfNewPassword, maybeUser, maybeUserByEmail } from '../users/users.js'
import type { PublicConnection } from './queries.js'
import { nameFrom, Refused, roleOfNewcomer } from './rules.js'

type Identity = TransactionOf<'identity'>

export type From = Whence & { readonly oldCookie: string | undefined; readonly flowCookie: string | undefined }

/** What came of it. */
export type Arrived =
  | { readonly kind: 'signed-in'; readonly session: NewCookie; readonly next: string }
  | { readonly kind: 'linked' }
  | { readonly kind: 'tried'; readonly proof: Proof; readonly wouldBe: string }

export const sourceOf = ({ id }: { id: string }) => ({ provider: 'connection', connection_id: id }) as const

/** Somebody came back, and who they are there is proven: what they wanted is done. @throws Refused */
export async function arrive(
  ctx: VisitorCtx,
  connection: PublicConnection,
  { flow, proof, from }: { flow: Flow; proof: Proof; from: From },
): Promise<Arrived> {
  switch (flow.intent) {
    case 'sign-in':
      return { kind: 'signed-in', session: await signIn(ctx, connection, proof, from), next: flow.next }
    case 'link':
      return link(ctx, connection, proof, flow)
    case 'trial':
      return { kind: 'tried', proof, wouldBe: await ctx.services.db.asIdentity((db) => wouldBe(db, connection, proof)) }
  }
}

/** Whoever it is here is known by (connection, subject) alone; an address only lets a newcomer in (SO-02). */
async function signIn(ctx: VisitorCtx, connection: PublicConnection, proof: Proof, from: From): Promise<NewCookie> {
  const { db: doors } = ctx.services
  const isKnown = await doors.asIdentity((db) => maybeIdentity(db, sourceOf(connection), proof.subject))
  // Takes a while, so not while a transaction waits.
  const passwordHash = isKnown ? '' : await nobodysPassword(proof)
  return doors.asIdentity(async (db) => {
    const now = ctx.now()
    const { user, provesAccount } = await personOf(db, connection, proof, passwordHash, now)
    await dropSession(db, from.oldCookie)
    const how = { by: connection.kind, connectionId: connection.id, provesAccount, factor: false }
    return createSession(db, user, from, now, how)
  })
}

async function personOf(
  db: Identity,
  connection: PublicConnection,
  proof: Proof,
  passwordHash: string,
  now: Date,
): Promise<{ user: UsersRow; provesAccount: boolean }> {
  const known = await lockIdentity(db, sourceOf(connection), proof)
  if (!known) return { user: await admit(db, connection, proof, passwordHash, now), provesAccount: true }
  const user = await memberOf(db, connection, known.user_id)
  await identityUsed(db, known.id, proof, now)
  return { user, provesAccount: known.made_account }
}

/** Whoever was disabled, removed from the team or deleted stays out, whatever the provider says (SO-04). */
async function memberOf(db: Identity, { team_id: teamId }: PublicConnection, userId: string | null): Promise<UsersRow> {
  const user = userId === null ? undefined : await maybeUser(db, userId)
  if (user?.disabled_at !== null || !(await isMember(db, teamId, user.id))) throw new Refused('not-a-member')
  return user
}

async function admit(
  db: Identity,
  connection: PublicConnection,
  proof: Proof,
  passwordHash: string,
  now: Date,
): Promise<UsersRow> {
  if (proof.email !== null && (await maybeUserByEmail(db, proof.email))) throw new Refused('account-exists')
  const role = await roleFor(db, connection, proof)
  if (role === null || proof.email === null) throw new Refused('not-invited')
  const who = { email: proof.email, name: nameFrom(proof), passwordHash, isOperator: false, emailVerifiedAt: now }
  const user = await createUser(db, who, now)
  await addMember(db, connection.team_id, user.id, role, now)
  await linkIdentity(db, user, { source: sourceOf(connection), proof, via: connection.name, madeAccount: true }, now)
  const subject = { kind: 'sign-in-connection', id: connection.id }
  const data = { role, name: connection.name }
  await appendInTeam(
    db,
    connection.team_id,
    actorOf(user),
    { type: 'sign-in-connection.member-joined', subject, data },
    now,
  )
  return user
}

/** By the domain of a verified address, if it is this team's: another team's provider may say what it likes (SO-02). */
async function roleFor(db: Identity, connection: PublicConnection, proof: Proof) {
  const domain = proof.email === null ? null : domainOf(proof.email)
  const isProven = domain !== null && (await teamOfDomain(db, domain)) === connection.team_id
  return roleOfNewcomer(connection.default_role, proof, isProven)
}

/** Only by the person themself, in the session in which they began it, and only while they are in the team. */
async function link(ctx: VisitorCtx, connection: PublicConnection, proof: Proof, flow: Flow): Promise<Arrived> {
  if (!(ctx instanceof PersonCtx) || ctx.actor.id !== flow.userId) throw new Refused('not-begun-here')
  await ctx.services.db.asIdentity(async (db) => {
    const user = await memberOf(db, connection, flow.userId)
    const known = await maybeIdentity(db, sourceOf(connection), proof.subject)
    if (known && known.user_id !== user.id) throw new Refused('somebody-elses')
    if (!known) await linkIdentity(db, user, { source: sourceOf(connection), proof, via: connection.name }, ctx.now())
  })
  return { kind: 'linked' }
}

/** In words for who tries: what this person would find at their next sign-in. */
async function wouldBe(db: Identity, connection: PublicConnection, proof: Proof): Promise<string> {
  const known = await maybeIdentity(db, sourceOf(connection), proof.subject)
  if (known) {
    const user = await memberOf(db, connection, known.user_id).catch(() => undefined)
    return user ? `They sign in as ${user.name}.` : 'They were removed or disabled, and are kept out.'
  }
  if (proof.email !== null && (await maybeUserByEmail(db, proof.email)))
    return 'Their address has an account here. They are asked to sign in to it first, and to link this one.'
  const role = await roleFor(db, connection, proof)
  return role ? `They join the team as ${role}.` : 'Nobody has let them in: they are asked to be invited first.'
}

/** Of a random text that nobody was ever told, until they choose one by a reset. */
const nobodysPassword = (proof: Proof): Promise<string> =>
  hashOfNewPassword(new Secret(randomBytes(32).toString('base64url')), { email: proof.email ?? '', name: '' })

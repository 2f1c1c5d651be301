import { type Flow, linkIdentity, maybeIdentity, type Proof } from '../identities/identities.js'
import { offeredToNewcomer } from '../invitations/invitations.js'
import { PersonCtx, type VisitorCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { appendInTeam } from '../platform/events/append.js'
import type { NewCookie } from '../platform/http/cookies.js'
import { endOtherSessions, replaceSession, type Whence } from '../sessions/sessions.js'
import { lockTeam } from '../teams/teams.js'
import { actorOf, hashOfNobodysPassword, maybeUserByEmail } from '../users/users.js'
import { memberOf, personOf, roleFor, toldOf } from './admitting.js'
import type { PublicConnection } from './queries.js'
import { Refused, sourceOf } from './rules.js'

type Identity = TransactionOf<'identity'>

export type From = Whence & {
  readonly oldCookie: string | undefined
  readonly flowCookie: string | undefined
  /** The word of a link by which they were invited, if they come from there. */
  readonly invitation?: string | undefined
}

/** What came of it. */
export type Arrived =
  | { readonly kind: 'signed-in'; readonly session: NewCookie; readonly next: string }
  | { readonly kind: 'linked' }
  | { readonly kind: 'tried'; readonly proof: Proof; readonly wouldBe: string }

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

async function signIn(ctx: VisitorCtx, connection: PublicConnection, proof: Proof, from: From): Promise<NewCookie> {
  const { db: doors } = ctx.services
  const isKnown = await doors.asIdentity((db) => maybeIdentity(db, sourceOf(connection), proof.subject))
  const offered = await maybeOffered(ctx, connection, from)
  // Takes a while, so not while a transaction waits.
  const passwordHash = isKnown ? '' : await hashOfNobodysPassword()
  return doors.asIdentity(async (db) => {
    const now = ctx.now()
    const { user, provesAccount } = await personOf(db, connection, {
      proof,
      passwordHash,
      offered,
      address: from.ip,
      now,
    })
    const how = { by: connection.kind, connectionId: connection.id, provesAccount, factor: false }
    const session = await replaceSession(db, user, from, now, how)
    await appendInTeam(db, connection.team_id, actorOf(user), usedOf(connection, from), now)
    return session
  })
}

/** Told in the team, whose members' own sign-ins are told outside of it: this one it has arranged. */
const usedOf = ({ id, name }: PublicConnection, { ip }: From) =>
  ({
    type: 'sign-in-connection.used',
    subject: { kind: 'sign-in-connection', id },
    data: { name },
    address: ip,
  }) as const

/** The invitation in their browser, if it is to the team of this connection. */
async function maybeOffered({ services }: VisitorCtx, { team_id }: PublicConnection, { invitation }: From) {
  const offered = invitation === undefined ? undefined : await offeredToNewcomer(services, invitation)
  return offered?.row.teamId === team_id ? offered : undefined
}

/** Only by the person themself, in the session in which they began it, and only while they are in the team. */
async function link(ctx: VisitorCtx, connection: PublicConnection, proof: Proof, flow: Flow): Promise<Arrived> {
  if (!(ctx instanceof PersonCtx) || ctx.actor.id !== flow.userId) throw new Refused('not-begun-here')
  await ctx.services.db.asIdentity(async (db) => {
    // Whoever changes the provider meanwhile sees who signs in by it.
    await lockTeam(db, connection.team_id)
    const user = await memberOf(db, connection, flow.userId)
    const known = await maybeIdentity(db, sourceOf(connection), proof.subject)
    if (known && known.user_id !== user.id) throw new Refused('somebody-elses')
    if (known) return
    const way = { source: sourceOf(connection), proof, via: connection.name, address: ctx.address }
    await linkIdentity(db, user, way, ctx.now())
    await endOtherSessions(db, ctx)
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
  const told = await toldOf(db, connection, proof).catch((error: unknown) => {
    if (error instanceof Refused) return error
    throw error
  })
  if (told instanceof Refused)
    return told.reason === 'given-more'
      ? 'Their account has been given more here than newcomers get: they are asked to link this sign-in to it themselves.'
      : 'They were removed or deactivated, and are kept out.'
  if (told) return `They sign in as ${told.name}, whom the directory has put into the team.`
  if (proof.email !== null && (await maybeUserByEmail(db, proof.email)))
    return 'Their address has an account here. They are asked to sign in to it first, and to link this one.'
  const role = await roleFor(db, connection, proof)
  return role ? `They join the team as ${role}.` : 'Nobody has let them in: they are asked to be invited first.'
}

import type { PersonCtx } from '../platform/access/ctx.js'
import { refuseOwnSignIn } from '../platform/access/own-sign-in.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { UsersRow } from '../platform/db/tables.js'
import { conflict, notFound } from '../platform/errors.js'
import { appendOutsideTeams } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import { endOtherSessions } from '../sessions/sessions.js'
import { actorOf, findSelf } from '../users/users.js'
import * as queries from './queries.js'
import type { Proof } from './rules.js'

export { beginFlow, claimFlow, type Flow, flowCookie, isOpenFlow, keepProof, requestIdOf } from './flows.js'
export type { KnownIdentity, Source } from './queries.js'
export { domainOf, type Proof } from './rules.js'

type Identity = TransactionOf<'identity'>

/** Whose identity this is. With `user_id: null` it is of somebody who is gone. */
export const maybeIdentity = (
  db: Identity,
  source: queries.Source,
  subject: string,
): Promise<queries.KnownIdentity | undefined> => queries.maybeIdentity(db, source, subject)

/** The same, and whoever comes by it or by its address at the same moment waits: nobody is made twice. */
export async function lockIdentity(
  db: Identity,
  source: queries.Source,
  { subject, email }: Proof,
): Promise<queries.KnownIdentity | undefined> {
  await queries.lockNewcomer(db, email ?? subject)
  return queries.maybeIdentity(db, source, subject)
}

/** Whether they sign in by that already, whatever they are called there. */
export const isLinked = (db: Identity, source: queries.Source, userId: string): Promise<boolean> =>
  queries.isLinked(db, source, userId)

/** Nobody unlinks it until the end of the transaction. Returns 0 where somebody has. */
export const identityUsed = (db: Identity, id: string, proof: Proof, now: Date): Promise<number> =>
  queries.markUsed(db, id, proof.email, now)

/** Where nobody is made by signing in, what the last owner left behind keeps nobody out. */
export const releaseIdentity = (db: Identity, source: queries.Source, subject: string): Promise<number> =>
  queries.deleteOrphan(db, source, subject)

export interface NewIdentity {
  readonly source: queries.Source
  readonly proof: Proof
  /** As people call it. */
  readonly via: string
  /** The account was made because of it. */
  readonly madeAccount?: boolean
  readonly address: string | null
}

/** Makes that identity this person's. @throws UserError 409 when it is somebody's already, also of one who is gone */
export async function linkIdentity(
  db: Identity,
  user: UsersRow,
  { source, proof, via, madeAccount = false, address }: NewIdentity,
  now: Date,
): Promise<void> {
  const { subject, email } = proof
  const times = { created_at: now, last_used_at: now }
  const row = { id: newId(), user_id: user.id, ...source, subject, email, made_account: madeAccount, ...times }
  const isNew = await queries.claimIdentity(db, row)
  if (!isNew)
    throw conflict(
      `Somebody signs in with that account of ${via} already`,
      'One account there belongs to one person here.',
    )
  const event = { type: 'identity.linked', subject: { kind: 'user', id: user.id }, data: { via }, address } as const
  await appendOutsideTeams(db, actorOf(user), event, now)
}

const labels = { connection: 'A connection', github: 'GitHub', google: 'Google' } as const

/** With what the person can sign in besides the password, the oldest first; by a team's own sign-in: with that alone. */
export async function listIdentities(ctx: PersonCtx) {
  const { id } = ctx.actor
  if (ctx.actor.kind !== 'user' || id === null) return []
  const rows = await ctx.services.db.asIdentity((db) => queries.identitiesOf(db, id, ctx.connectionId))
  return rows.map((row) => ({
    id: row.id,
    provider: row.provider,
    name: row.connection_name ?? labels[row.provider],
    teamName: row.team_name,
    email: row.email,
    createdAt: row.created_at,
    lastUsedAt: row.last_used_at,
  }))
}

/** From then on that account elsewhere signs nobody in, and whoever else is signed in is out (SE-03). Somebody else's is not there. */
export async function unlinkIdentity(ctx: PersonCtx, id: string): Promise<void> {
  const user = await findSelf(ctx)
  refuseOwnSignIn(ctx, 'unlinks nothing')
  await ctx.services.db.asIdentity(async (db) => {
    const gone = isId(id) && (await queries.deleteIdentity(db, user.id, id))
    if (!gone) throw notFound('account')
    const subject = { kind: 'user', id: user.id }
    const data = { provider: gone.provider, sessionsEnded: await endOtherSessions(db, ctx) }
    const event = { type: 'identity.unlinked', subject, data, address: ctx.address } as const
    await appendOutsideTeams(db, ctx.actor, event, ctx.now())
  })
}

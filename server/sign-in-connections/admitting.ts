import { isHeldOut, wordOn } from '../directories/directories.js'
import { teamOfDomain } from '../domain-claims/domain-claims.js'
import { domainOf, identityUsed, isLinked, linkIdentity, lockIdentity, type Proof } from '../identities/identities.js'
import { joinInvited, type Offered } from '../invitations/invitations.js'
import { permissionsOf, type Role } from '../platform/access/roles.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { UsersRow } from '../platform/db/tables.js'
import { appendInTeam } from '../platform/events/append.js'
import { addMember, isMember } from '../teams/teams.js'
import { actorOf, createUser, maybeUser, maybeUserByEmail } from '../users/users.js'
import * as queries from './queries.js'
import { type DefaultRole, nameFrom, Refused, roleOfNewcomer, sourceOf } from './rules.js'

type Identity = TransactionOf<'identity'>

/** Somebody who comes by a connection, with what else they bring. */
export interface Coming {
  readonly proof: Proof
  readonly passwordHash: string
  readonly offered: Offered | undefined
  readonly address: string
  readonly now: Date
}

/** Whoever it is here is known by (connection, subject) alone; an address only lets a newcomer in (SO-02). @throws Refused */
export async function personOf(
  db: Identity,
  connection: queries.PublicConnection,
  coming: Coming,
): Promise<{ user: UsersRow; provesAccount: boolean }> {
  const { proof, offered, now, address } = coming
  const known = await lockIdentity(db, sourceOf(connection), proof)
  if (!known) return { user: await admit(db, connection, coming), provesAccount: true }
  const user = await enabledUser(db, known.user_id)
  if (offered?.row.email === user.email && !(await isMember(db, connection.team_id, user.id)))
    await joinInvited(db, { ...offered, user, now, address })
  await refuseStranger(db, connection, user)
  // Unlinked in the same moment: then it leads to no account, until it is linked again.
  if ((await identityUsed(db, known.id, proof, now)) === 0) throw new Refused('account-exists')
  return { user, provesAccount: known.made_account }
}

/**
 * Whoever was disabled, removed from the team or deleted stays out, whatever the provider says, and so does whoever its
 * directory has deactivated (SO-04). @throws Refused
 */
export async function memberOf(
  db: Identity,
  connection: queries.PublicConnection,
  userId: string | null,
): Promise<UsersRow> {
  const user = await enabledUser(db, userId)
  await refuseStranger(db, connection, user)
  return user
}

async function enabledUser(db: Identity, userId: string | null): Promise<UsersRow> {
  const user = userId === null ? undefined : await maybeUser(db, userId)
  if (user?.disabled_at !== null) throw new Refused('not-a-member')
  return user
}

async function refuseStranger(db: Identity, connection: queries.PublicConnection, user: UsersRow): Promise<void> {
  if (!(await isMember(db, connection.team_id, user.id))) throw new Refused('not-a-member')
  if (await isHeldOut(db, connection, user.id)) throw new Refused('not-a-member')
}

/** Lets in who does not come by this subject yet: by the account that the directory has made for them, or as a newcomer. */
async function admit(db: Identity, connection: queries.PublicConnection, coming: Coming): Promise<UsersRow> {
  const { proof, now, address } = coming
  const user = (await toldOf(db, connection, proof)) ?? (await newcomer(db, connection, coming))
  const made = { source: sourceOf(connection), proof, via: connection.name, madeAccount: true, address }
  await linkIdentity(db, user, made, now)
  return user
}

/**
 * The account that the connection's directory has made for them, as their first sign-in would have. Undefined where the
 * directory says nothing: it opens no account that was there before, and none that somebody signs in to already.
 */
export async function toldOf(
  db: Identity,
  connection: queries.PublicConnection,
  proof: Proof,
): Promise<UsersRow | undefined> {
  const email = proof.isEmailVerified && (await isOfTeam(db, connection, proof)) ? proof.email : null
  const word = await wordOn(db, { connection, subject: proof.subject, email })
  if (word.kind === 'out') throw new Refused('not-a-member')
  if (word.kind === 'unsaid' || (await isLinked(db, sourceOf(connection), word.userId))) return undefined
  const user = await memberOf(db, connection, word.userId)
  if (await holdsMore(db, connection, word)) throw new Refused('given-more')
  return user
}

/** Than the directory gives: it says whose the account is, and opens nothing with it that people have given by hand. */
async function holdsMore(
  db: Identity,
  connection: queries.PublicConnection,
  { userId, givenRole }: { userId: string; givenRole: Role | null },
): Promise<boolean> {
  const { role, byHand } = await queries.heldBesides(db, connection.team_id, userId)
  const usual = givenRole === null ? new Set() : permissionsOf[givenRole]
  return byHand > 0 || (role !== null && ![...permissionsOf[role]].every((permission) => usual.has(permission)))
}

/** Who was invited with that address comes by what their invitation offers, others by their domain. */
async function newcomer(db: Identity, connection: queries.PublicConnection, coming: Coming): Promise<UsersRow> {
  const { proof, passwordHash, now, address } = coming
  const { email } = proof
  if (email !== null && (await maybeUserByEmail(db, email))) throw new Refused('account-exists')
  const offered = coming.offered?.row.email === email ? coming.offered : undefined
  const role = offered ? null : await roleFor(db, connection, proof)
  if (email === null || (role === null && !offered)) throw new Refused('not-invited')
  // A link that was mailed there proves the address; without one it is the team's domain that does.
  const emailVerifiedAt = offered && !offered.row.isMailed ? null : now
  const who = { email, name: nameFrom(proof), passwordHash, isOperator: false, emailVerifiedAt }
  const user = await createUser(db, who, now)
  if (offered) await joinInvited(db, { ...offered, user, now, address })
  else if (role !== null) await joinByDomain(db, connection, user, role, { now, address })
  return user
}

async function joinByDomain(
  db: Identity,
  connection: queries.PublicConnection,
  user: UsersRow,
  role: DefaultRole,
  { now, address }: { now: Date; address: string },
): Promise<void> {
  await addMember(db, connection.team_id, user.id, role, now)
  const subject = { kind: 'sign-in-connection', id: connection.id }
  const data = { role, name: connection.name }
  const event = { type: 'sign-in-connection.member-joined', subject, data, address } as const
  await appendInTeam(db, connection.team_id, actorOf(user), event, now)
}

/** By the domain of a verified address, if it is this team's: another team's provider may say what it likes (SO-02). */
export const roleFor = async (db: Identity, connection: queries.PublicConnection, proof: Proof) =>
  roleOfNewcomer(connection.default_role, proof, await isOfTeam(db, connection, proof))

const isOfTeam = async (db: Identity, connection: queries.PublicConnection, { email }: Proof): Promise<boolean> =>
  email !== null && (await teamOfDomain(db, domainOf(email))) === connection.team_id

import { teamOfDomain } from '../domain-claims/domain-claims.js'
import { domainOf } from '../identities/identities.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import { type Permission, permissions } from '../platform/access/permissions.js'
import { permissionsOf, type Role } from '../platform/access/roles.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { DirectoryUsersRow, UsersRow } from '../platform/db/tables.js'
import { conflict, forbidden } from '../platform/errors.js'
import { appendInTeam } from '../platform/events/append.js'
import type { NewEvent } from '../platform/events/event.js'
import { ScimFault } from '../platform/http/scim-fault.js'
import { addMember, isMember, removeMemberIn } from '../teams/teams.js'
import { createUser, hashOfNobodysPassword, maybeUser, maybeUserByEmail } from '../users/users.js'
import { acts } from './rules.js'
import { settleRoles } from './settle.js'
import * as queries from './user-queries.js'

type Identity = TransactionOf<'identity'>

/** Who somebody is here whom the directory names, and what there is to tell of it. */
export interface Joined {
  readonly userId: string
  readonly madeAccount: boolean
  /** On the whole team, by this; null where they were in it already. */
  readonly givenRole: Role | null
  readonly events: readonly NewEvent[]
}

/** For an account that may have to be made: takes a while, so it is made before a transaction waits. Empty where there is one. */
export async function spareHash({ services, team }: TeamCtx, email: string): Promise<string> {
  const isMade = await services.db.asIdentity(
    // For an address that is not the team's none is made: it would tell by its time who has an account here.
    async (db) => (await teamOfDomain(db, domainOf(email))) === team.id && !(await maybeUserByEmail(db, email)),
    'read only',
  )
  return isMade ? hashOfNobodysPassword() : ''
}

/**
 * Puts the person into the team, as the directory says. Whoever is in it already is known to the team; of anybody else the
 * address has to be of a domain that the team has proven, for a directory may say what it likes (SO-02). An account that is
 * there is found and never opened by this: whose it is links the sign-in to it themself.
 */
export async function joinTeam(
  db: Identity,
  ctx: TeamCtx,
  row: DirectoryUsersRow,
  passwordHash: string,
): Promise<Joined> {
  const known = row.user_id === null ? undefined : await maybeUser(db, row.user_id)
  const found = known ?? (await maybeUserByEmail(db, row.email))
  if (found && (await queries.isPersonTaken(db, row, found.id)))
    throw new ScimFault('uniqueness', `Another user of this directory has the account of ${row.email}`)
  if (found && (await isMember(db, ctx.team.id, found.id)))
    return { ...(await keep(db, row, found)), givenRole: row.given_role, events: [] }
  refuseUnlessMay(ctx, acts.takesIn)
  await refuseForeignDomain(db, ctx, found?.email ?? row.email)
  if (found) refuseUnsure(found)
  const role = await queries.defaultRoleOf(db, row.connection_id)
  refuseMore(ctx, role)
  const user = found ?? (await makeAccount(db, ctx, row, passwordHash))
  await addMember(db, ctx.team.id, user.id, role, ctx.now())
  const joined = found ? await keep(db, row, user) : { userId: user.id, madeAccount: true }
  const data = { name: user.name, email: user.email, role, newAccount: !found }
  return {
    ...joined,
    givenRole: role,
    events: [{ type: 'directory.person-joined', subject: { kind: 'user', id: user.id }, data }],
  }
}

/** An account that this directory made once stays known as such. */
const keep = async (db: Identity, row: DirectoryUsersRow, user: UsersRow) => ({
  userId: user.id,
  madeAccount: row.made_account || (await queries.madeAccountOf(db, row.connection_id, user.id)),
})

/** The account of that address, where it is in the team and no other user of the directory has it. */
export async function maybeMemberId(db: Identity, ctx: TeamCtx, row: DirectoryUsersRow): Promise<string | null> {
  const found = await maybeUserByEmail(db, row.email)
  const isTheirs =
    found && (await isMember(db, ctx.team.id, found.id)) && !(await queries.isPersonTaken(db, row, found.id))
  return isTheirs ? found.id : null
}

/** The token may do what its maker might when it was made. */
function refuseUnlessMay(ctx: TeamCtx, permission: Permission): void {
  if (!ctx.may(permission))
    throw forbidden(`This directory’s token was made by somebody without the right “${permissions[permission].label}”`)
}

function refuseMore(ctx: TeamCtx, role: Role | null): void {
  const allowed = role === null ? [] : [...permissionsOf[role]]
  if (!allowed.every((permission) => ctx.may(permission)))
    throw forbidden('Newcomers get a role that allows more than whoever made the token of this directory may do')
}

/** Somebody else may have made the account, and wait in it for whom the address belongs to. */
function refuseUnsure({ email, email_verified_at: provenAt, disabled_at: disabledAt }: UsersRow): void {
  if (disabledAt !== null) throw conflict(`${email} is suspended on this panel`, 'Ask whoever runs it.')
  if (provenAt === null)
    throw conflict(
      `The account of ${email} has not proven that address`,
      'Its owner confirms it by mail, or whoever runs the panel by bin/hostler confirm-email.',
    )
}

async function refuseForeignDomain(db: Identity, ctx: TeamCtx, email: string): Promise<void> {
  const domain = domainOf(email)
  if ((await teamOfDomain(db, domain)) === ctx.team.id) return
  throw new ScimFault(
    'invalidValue',
    `Addresses of ${domain} are not known to be the team’s`,
    'Prove the domain on the Sign-in page of the team, or invite the person first.',
  )
}

function makeAccount(db: Identity, ctx: TeamCtx, row: DirectoryUsersRow, passwordHash: string): Promise<UsersRow> {
  if (passwordHash === '') throw conflict('Somebody deleted the account at this moment', 'Send it again.')
  const now = ctx.now()
  return createUser(db, { ...whoIs(row), passwordHash, isOperator: false, emailVerifiedAt: now }, now)
}

const whoIs = ({ email, display_name, given_name, family_name }: DirectoryUsersRow) => ({
  email,
  name: (display_name ?? ([given_name, family_name].filter(Boolean).join(' ') || email.split('@')[0]) ?? email).slice(
    0,
    80,
  ),
})

/**
 * The end of being in the team, as by hand: with their keys, and with all that they have open. @throws UserError 409 for who
 * may do more than the maker of the token, and for the last owner. Returns whether they were in it.
 */
export async function leaveTeam(db: Identity, ctx: TeamCtx, { user_id: userId }: DirectoryUsersRow): Promise<boolean> {
  if (userId === null || !(await isMember(db, ctx.team.id, userId))) return false
  refuseUnlessMay(ctx, acts.takesOut)
  await removeMemberIn(db, ctx, userId)
  return true
}

/** What their groups give them. Returns the events of it. */
export const settleFor = (db: Identity, ctx: TeamCtx, row: DirectoryUsersRow): Promise<NewEvent[]> =>
  settleRoles(db, ctx, { directory: row.connection_id, user: row.id, connectionName: ctx.actor.name })

export async function tell(db: Identity, ctx: TeamCtx, events: readonly NewEvent[]): Promise<void> {
  for (const event of events)
    await appendInTeam(db, ctx.team.id, ctx.actor, { ...event, address: ctx.address }, ctx.now())
}

import type { TeamCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { DirectoryUsersRow } from '../platform/db/tables.js'
import { notFound } from '../platform/errors.js'
import type { NewEvent } from '../platform/events/event.js'
import { ScimFault } from '../platform/http/scim-fault.js'
import { isId, newId } from '../platform/ids.js'
import { Email } from '../users/users.js'
import { joinTeam, leaveTeam, maybeMemberId, settleFor, spareHash, tell } from './people.js'
import { lockDirectory } from './queries.js'
import type { Condition } from './scim/filters.js'
import type { Page, UserRow } from './scim/resources.js'
import { changesBetween, noAddress, type UserFields } from './scim/users.js'
import * as queries from './user-queries.js'

export { userFields } from './user-queries.js'

type Identity = TransactionOf<'identity'>

/** What a directory tells of people: each change is one transaction, with what follows from it in the team. */

export const listUsers = (ctx: TeamCtx, directory: string, condition: Condition | null, page: Page) =>
  ctx.reading((tx) => queries.usersWhere(tx, directory, condition, page))

/** @throws UserError 404, also for another directory's */
export const findUser = (ctx: TeamCtx, directory: string, id: string): Promise<UserRow> =>
  ctx.reading(async ({ db }) => {
    const found = isId(id) ? await queries.maybeShownUser(db, directory, id) : undefined
    if (!found) throw notFound('user')
    return found
  })

/** @throws ScimFault when the directory has told of such a user before */
export async function createUser(ctx: TeamCtx, directory: string, wanted: UserFields): Promise<UserRow> {
  const fields = withAddress(wanted)
  const hash = fields.isActive ? await spareHash(ctx, fields.email) : ''
  const now = ctx.now()
  const row: DirectoryUsersRow = {
    ...{ id: newId(), connection_id: directory, team_id: ctx.team.id, ...columnsOf(fields) },
    ...{ user_id: null, made_account: false, given_role: null, created_at: now, changed_at: now, deleted_at: null },
  }
  return changing(ctx, directory, async (db) => {
    const former = await queries.takeFormer(db, directory, row.user_name)
    if (former?.user_id && !(await queries.isPersonTaken(db, row, former.user_id))) Object.assign(row, former)
    if (!(await queries.claimUserName(db, row))) throw isTaken(fields.userName)
    const events = row.is_active ? await join(db, ctx, row, hash) : []
    if (!row.is_active) await putOut(db, ctx, row)
    const data = { name: nameOf(row), userName: row.user_name, active: row.is_active }
    await tell(db, ctx, [{ type: 'directory.person-added', subject: subjectOf(row), data }, ...events])
    return shown(db, row)
  })
}

/** Has the user as `change` says, which is asked once more under the lock. @throws UserError 404, 409; ScimFault */
export async function updateUser(
  ctx: TeamCtx,
  directory: string,
  id: string,
  change: (before: UserFields) => UserFields,
): Promise<UserRow> {
  const seen = await ctx.services.db.asIdentity((db) => find(db, directory, id), 'read only')
  const wanted = withAddress(change(fieldsOf(seen)))
  const hash = wanted.isActive && !seen.is_active ? await spareHash(ctx, wanted.email) : ''
  return changing(ctx, directory, async (db) => {
    const before = await find(db, directory, id)
    const fields = withAddress(change(fieldsOf(before)))
    const settings = changesBetween(fieldsOf(before), fields)
    if (settings.length === 0) return shown(db, before)
    if (await queries.isUserNameTaken(db, before, fields.userName)) throw isTaken(fields.userName)
    const changes = { ...columnsOf(fields), changed_at: ctx.now() }
    await queries.updateUser(db, id, changes)
    const row = { ...before, ...changes }
    const events = row.is_active && !before.is_active ? await join(db, ctx, row, hash) : []
    if (!row.is_active && before.is_active) await leaveTeam(db, ctx, row)
    const data = { name: nameOf(row), userName: row.user_name, settings, active: row.is_active }
    await tell(db, ctx, [{ type: 'directory.person-changed', subject: subjectOf(row), data }, ...events])
    return shown(db, row)
  })
}

/** They are out of the team; the account stays, and the row, so that they do not come back by signing in (SO-04). */
export const deleteUser = (ctx: TeamCtx, directory: string, id: string): Promise<void> =>
  changing(ctx, directory, async (db) => {
    const row = await find(db, directory, id)
    await queries.leaveGroups(db, id)
    await queries.updateUser(db, id, { is_active: false, deleted_at: ctx.now() })
    await leaveTeam(db, ctx, row)
    const data = { name: nameOf(row), userName: row.user_name }
    await tell(db, ctx, [{ type: 'directory.person-removed', subject: subjectOf(row), data }])
  })

const changing = <T>(ctx: TeamCtx, directory: string, work: (db: Identity) => Promise<T>): Promise<T> =>
  ctx.services.db.asIdentity(async (db) => {
    await lockDirectory(db, directory, ctx.team.id)
    return work(db)
  })

async function join(db: Identity, ctx: TeamCtx, row: DirectoryUsersRow, hash: string): Promise<NewEvent[]> {
  const { userId, madeAccount, givenRole, events } = await joinTeam(db, ctx, row, hash)
  await queries.updateUser(db, row.id, { user_id: userId, made_account: madeAccount, given_role: givenRole })
  return [...events, ...(await settleFor(db, ctx, row))]
}

/** A member whom it names as not active from the start is out as well. */
async function putOut(db: Identity, ctx: TeamCtx, row: DirectoryUsersRow): Promise<void> {
  const userId = row.user_id ?? (await maybeMemberId(db, ctx, row))
  if (userId === null) return
  await queries.updateUser(db, row.id, { user_id: userId })
  await leaveTeam(db, ctx, { ...row, user_id: userId })
}

async function find(db: Identity, directory: string, id: string): Promise<DirectoryUsersRow> {
  const found = isId(id) ? await queries.maybeDirectoryUser(db, directory, id) : undefined
  if (!found) throw notFound('user')
  return found
}

async function shown(db: Identity, { connection_id, id }: DirectoryUsersRow): Promise<UserRow> {
  const found = await queries.maybeShownUser(db, connection_id, id)
  if (!found) throw notFound('user')
  return found
}

const fieldsOf = (row: DirectoryUsersRow): UserFields => ({
  ...{ userName: row.user_name, externalId: row.external_id, displayName: row.display_name },
  ...{ givenName: row.given_name, familyName: row.family_name, email: row.email, isActive: row.is_active },
})

const columnsOf = (fields: WithAddress) => ({
  ...{ user_name: fields.userName, external_id: fields.externalId, display_name: fields.displayName },
  ...{ given_name: fields.givenName, family_name: fields.familyName, email: fields.email, is_active: fields.isActive },
})

type WithAddress = UserFields & { readonly email: string }

function withAddress(fields: UserFields): WithAddress {
  const { data: email } = Email.safeParse(fields.email ?? fields.userName)
  if (email === undefined) throw noAddress()
  return { ...fields, email }
}

const nameOf = ({ display_name, user_name }: DirectoryUsersRow): string => display_name ?? user_name

const subjectOf = ({ id }: DirectoryUsersRow) => ({ kind: 'directory-user', id })

const isTaken = (userName: string) => new ScimFault('uniqueness', `The directory has a user called ${userName} already`)

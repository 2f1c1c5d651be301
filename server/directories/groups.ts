import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { DirectoryGroupsRow } from '../platform/db/tables.js'
import { notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import type { NewEvent } from '../platform/events/event.js'
import { ScimFault } from '../platform/http/scim-fault.js'
import { isId, newId } from '../platform/ids.js'
import * as queries from './group-queries.js'
import { lockDirectory } from './queries.js'
import type { Condition } from './scim/filters.js'
import type { GroupFields } from './scim/groups.js'
import type { GroupRow, Page } from './scim/resources.js'
import { settleRoles, takeAllRoles } from './settle.js'

export { groupFields } from './group-queries.js'

/** What a directory tells of groups. Who is in one holds the roles that it was given; being in none takes nobody out. */

type Shown = { readonly withMembers: boolean }

export const listGroups = (ctx: TeamCtx, directory: string, condition: Condition | null, page: Page & Shown) =>
  ctx.reading((tx) => queries.groupsWhere(tx, directory, condition, page))

/** @throws UserError 404, also for another directory's */
export const findGroup = (ctx: TeamCtx, directory: string, id: string, { withMembers }: Shown): Promise<GroupRow> =>
  ctx.reading(async ({ db }) => {
    const found = isId(id) ? await queries.maybeShownGroup(db, directory, id, withMembers) : undefined
    if (!found) throw notFound('group')
    return found
  })

/** @throws ScimFault when the directory has a group of that name, and for members that it did not tell of */
export const createGroup = (ctx: TeamCtx, directory: string, fields: GroupFields): Promise<GroupRow> =>
  ctx.transaction(async (tx) => {
    await lockDirectory(tx.db, directory, ctx.team.id)
    const now = ctx.now()
    const row: DirectoryGroupsRow = {
      ...{ id: newId(), connection_id: directory, team_id: ctx.team.id, display_name: fields.displayName },
      ...{ external_id: fields.externalId, created_at: now, changed_at: now },
    }
    if (!(await queries.claimGroup(tx, row))) throw isTaken(fields.displayName)
    const events = await putMembers(tx, row, new Set(), fields.members)
    await tell(tx, { type: 'directory.group-added', ...about(row) }, ...events)
    return shown(tx, row)
  })

/** Has the group as `change` says. @throws UserError 404; ScimFault */
export const updateGroup = (
  ctx: TeamCtx,
  directory: string,
  id: string,
  change: (before: GroupFields) => GroupFields,
): Promise<void> =>
  ctx.transaction(async (tx) => {
    await lockDirectory(tx.db, directory, ctx.team.id)
    const row = await find(tx, directory, id)
    const members = new Set(await queries.memberIds(tx, id))
    const before = { displayName: row.display_name, externalId: row.external_id, members }
    const { displayName, externalId, members: wanted } = change(before)
    if (await queries.isGroupNameTaken(tx, row, displayName)) throw isTaken(displayName)
    const changed = { ...row, display_name: displayName, external_id: externalId }
    const events = [...renaming(row, changed), ...(await putMembers(tx, changed, members, wanted))]
    if (events.length === 0) return
    await queries.updateGroup(tx, id, { display_name: displayName, external_id: externalId, changed_at: ctx.now() })
    await tell(tx, ...events)
  })

/** What it is called, here or at the directory. */
function renaming(before: DirectoryGroupsRow, after: DirectoryGroupsRow): NewEvent[] {
  const isRenamed = after.display_name !== before.display_name
  if (!isRenamed && after.external_id === before.external_id) return []
  const called = ({ display_name: name, external_id: externalId }: DirectoryGroupsRow) => ({ name, externalId })
  const type = isRenamed ? 'directory.group-renamed' : 'directory.group-changed'
  const data = { ...about(after).data, before: called(before), after: called(after) }
  return [{ type, subject: about(after).subject, data }]
}

/** What its members held by it is taken with it. */
export const deleteGroup = (ctx: TeamCtx, directory: string, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    await lockDirectory(tx.db, directory, ctx.team.id)
    const row = await find(tx, directory, id)
    const events = await takeAllRoles(tx.db, ctx, { directory, group: id })
    await queries.deleteGroup(tx, id)
    await tell(tx, { type: 'directory.group-removed', ...about(row) }, ...events)
  })

/** Returns the events of it: who came and went, and the roles that went with that. */
async function putMembers(
  tx: TeamTx,
  row: DirectoryGroupsRow,
  before: ReadonlySet<string>,
  wanted: ReadonlySet<string>,
): Promise<NewEvent[]> {
  const [added, dropped] = [[...wanted].filter((id) => !before.has(id)), [...before].filter((id) => !wanted.has(id))]
  if (added.length === 0 && dropped.length === 0) return []
  const known = await queries.usersOf(tx, row.connection_id, [...added, ...dropped].filter(isId))
  const names = new Map(known.map(({ id, name }) => [id, name]))
  const unknown = added.find((id) => !names.has(id))
  if (unknown !== undefined)
    throw new ScimFault('invalidValue', `There is no user ${unknown.slice(0, 80)} to be a member`)
  await queries.addMembers(tx, row.id, added)
  await queries.dropMembers(tx, row.id, dropped)
  const namesOf = (ids: string[]) => ids.flatMap((id) => names.get(id) ?? [])
  const data = { ...about(row).data, added: namesOf(added), removed: namesOf(dropped) }
  return [{ type: 'directory.group-members-changed', subject: about(row).subject, data }, ...(await settle(tx, row))]
}

const settle = async (tx: TeamTx, { id, connection_id: directory }: DirectoryGroupsRow): Promise<NewEvent[]> =>
  settleRoles(tx.db, tx.ctx, { directory, group: id, connectionName: tx.ctx.actor.name })

async function find(tx: TeamTx, directory: string, id: string): Promise<DirectoryGroupsRow> {
  const found = isId(id) ? await queries.maybeGroup(tx, directory, id) : undefined
  if (!found) throw notFound('group')
  return found
}

async function shown({ db }: TeamTx, { connection_id, id }: DirectoryGroupsRow): Promise<GroupRow> {
  const found = await queries.maybeShownGroup(db, connection_id, id, true)
  if (!found) throw notFound('group')
  return found
}

const about = ({ id, display_name: name }: DirectoryGroupsRow) => ({
  subject: { kind: 'directory-group', id },
  data: { name },
})

async function tell(tx: TeamTx, ...events: NewEvent[]): Promise<void> {
  for (const event of events) await append(tx, event)
}

const isTaken = (name: string) => new ScimFault('uniqueness', `The directory has a group called ${name} already`)

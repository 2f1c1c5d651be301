import type { Transaction } from '../platform/db/doors.js'
import type { NewEvent } from '../platform/events/event.js'
import { newId } from '../platform/ids.js'
import * as queries from './role-queries.js'
import { grantedBy } from './rules.js'

/** For whom, and what is written beside a role that comes from a group. */
export interface Settling extends queries.Scope {
  readonly teamId: string
  readonly connectionName: string
  readonly now: Date
}

/**
 * Makes what people hold by their groups as it should be, after anything was told of them. Under the directory's lock.
 * Returns the events of it, for the caller to append last.
 */
export async function settleRoles(db: Transaction, settling: Settling): Promise<NewEvent[]> {
  const taken = await queries.takeRoles(db, settling, { all: false })
  const missing = await queries.missingRoles(db, settling)
  if (missing.length > 0)
    await queries.insertGrants(
      db,
      missing.map((held) => rowOf(held, settling)),
    )
  return [...taken.map((held) => eventOf('role.taken', held)), ...missing.map((held) => eventOf('role.given', held))]
}

/** Before a group or a mapping goes. */
export const takeAllRoles = async (db: Transaction, scope: queries.Scope): Promise<NewEvent[]> =>
  (await queries.takeRoles(db, scope, { all: true })).map((held) => eventOf('role.taken', held))

const rowOf = (held: queries.Held, { teamId, connectionName, now }: Settling) => ({
  ...{ id: newId(), team_id: teamId, user_id: held.user_id, role: held.role, role_id: held.role_id },
  ...{ site_id: held.site_id, server_id: held.server_id, group_id: held.group_id },
  ...{
    directory_role_id: held.directory_role_id,
    granted_by: grantedBy(held.group_name, connectionName),
    created_at: now,
  },
})

function eventOf(type: 'role.given' | 'role.taken', held: queries.Held): NewEvent {
  const what = { role: held.role_name, on: onOf(held), thing: held.thing_name, byGroup: held.group_name }
  const data = { name: held.user_name, ...what, ...(type === 'role.given' ? { after: what } : { before: what }) }
  return { type, subject: { kind: 'user', id: held.user_id }, data }
}

function onOf({ site_id, server_id, group_id }: queries.Held): 'site' | 'server' | 'group' | 'team' {
  if (site_id !== null) return 'site'
  if (server_id !== null) return 'server'
  return group_id === null ? 'team' : 'group'
}

import type { TeamCtx } from '../platform/access/ctx.js'
import type { Transaction } from '../platform/db/doors.js'
import { forbidden } from '../platform/errors.js'
import type { NewEvent } from '../platform/events/event.js'
import { newId } from '../platform/ids.js'
import { allowsMore, onOf, roleOf } from '../roles/roles.js'
import * as queries from './role-queries.js'
import { grantedBy } from './rules.js'

/** For whom, and what is written beside a role that comes from a group. */
export interface Settling extends queries.Scope {
  readonly connectionName: string
}

/**
 * Makes what people hold by their groups as it should be, after anything was told of them. Under the directory's lock.
 * Returns the events of it, for the caller to append.
 * @throws UserError 403 for a role that may do more than who asks, which for a directory is who made its token
 */
export async function settleRoles(db: Transaction, ctx: TeamCtx, settling: Settling): Promise<NewEvent[]> {
  const taken = await queries.takeRoles(db, settling, { all: false })
  const missing = await queries.missingRoles(db, settling)
  for (const held of [...taken, ...missing]) refuseMore(ctx, held)
  if (missing.length > 0)
    await queries.insertGrants(
      db,
      missing.map((held) => rowOf(held, ctx, settling)),
    )
  return [...taken.map((held) => eventOf('role.taken', held)), ...missing.map((held) => eventOf('role.given', held))]
}

/** Before a group or a mapping goes. @throws UserError 403, as `settleRoles` */
export async function takeAllRoles(db: Transaction, ctx: TeamCtx, scope: queries.Scope): Promise<NewEvent[]> {
  const taken = await queries.takeRoles(db, scope, { all: true })
  for (const held of taken) refuseMore(ctx, held)
  return taken.map((held) => eventOf('role.taken', held))
}

function refuseMore(ctx: TeamCtx, held: queries.Held): void {
  if (!allowsMore(ctx, roleOf({ ...held, own_name: held.role_name }), onOf(held))) return
  const who = ctx.actor.kind === 'directory' ? 'whoever made the token of this directory' : 'you'
  throw forbidden(`The group ${held.group_name} holds ${held.role_name}, which allows more than ${who} may do`)
}

const rowOf = (held: queries.Held, ctx: TeamCtx, { connectionName }: Settling) => ({
  ...{ id: newId(), team_id: ctx.team.id, user_id: held.user_id, role: held.role, role_id: held.role_id },
  ...{ site_id: held.site_id, server_id: held.server_id, group_id: held.group_id },
  ...{
    directory_role_id: held.directory_role_id,
    granted_by: grantedBy(held.group_name, connectionName),
    created_at: ctx.now(),
  },
})

function eventOf(type: 'role.given' | 'role.taken', held: queries.Held): NewEvent {
  const what = { role: held.role_name, on: onOf(held).kind, thing: held.thing_name, byGroup: held.group_name }
  const data = { name: held.user_name, ...what, ...(type === 'role.given' ? { after: what } : { before: what }) }
  return { type, subject: { kind: 'user', id: held.user_id }, data }
}

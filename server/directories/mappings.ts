import type { z } from 'zod'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { DirectoryRolesRow } from '../platform/db/tables.js'
import { FieldError, forbidden, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import { allowsMore, columnsOf, mayGiveOn, onOf, roleOf, whatIsHeld, whyNotGive } from '../roles/roles.js'
import { findConnection } from '../sign-in-connections/sign-in-connections.js'
import * as groups from './group-queries.js'
import { lockDirectory } from './queries.js'
import * as queries from './role-queries.js'
import { mayBeMapped } from './rules.js'
import type { NewDirectoryRole } from './schema.js'
import { settleRoles, takeAllRoles } from './settle.js'

type Wanted = z.output<typeof NewDirectoryRole>

/**
 * From now on whoever is in the group holds that role there. Throws `FieldError` for what is not there or means nothing
 * there, and for more than who does this may do: others decide who comes into the group.
 */
export const mapRole = (ctx: TeamCtx, connection: string, wanted: Wanted): Promise<void> =>
  ctx.transaction(async (tx) => {
    const { name: connectionName } = await findConnection(tx, connection)
    await lockDirectory(tx.db, connection, ctx.team.id)
    const group = isId(wanted.group) ? await groups.maybeGroup(tx, connection, wanted.group) : undefined
    if (!group) throw new FieldError('group', 'Choose a group of the directory')
    const { role, on } = await whatIsHeld(tx, { ...wanted, permissions: [] })
    if (!mayBeMapped(role.builtIn, on))
      throw new FieldError('role', 'Nobody owns a team by a group: give the ownership to a person')
    const why = whyNotGive(role, on, (permission) => mayGiveOn(ctx, permission, on))
    if (why) throw new FieldError('role', why)

    const names = { role_name: role.name, thing_name: on.kind === 'team' ? null : wanted.thing }
    const row: DirectoryRolesRow = {
      ...{ id: newId(), team_id: ctx.team.id, directory_group_id: group.id, role: role.builtIn, role_id: role.ownId },
      ...{ ...columnsOf(on), ...names, created_by: ctx.actor.name, created_at: ctx.now() },
    }
    if (!(await queries.claimMapping(tx, row))) throw new FieldError('role', 'The group holds it already')
    const events = await settleRoles(tx.db, ctx, { directory: connection, mapping: row.id, connectionName })
    const data = { name: group.display_name, role: role.name, on: on.kind, thing: names.thing_name }
    const subject = { kind: 'directory-group', id: group.id }
    await append(tx, { type: 'directory.role-mapped', subject, data: { ...data, after: data } })
    for (const event of events) await append(tx, event)
  })

/** Whoever held it by the group holds it no longer. */
export const unmapRole = (ctx: TeamCtx, connection: string, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    await findConnection(tx, connection)
    await lockDirectory(tx.db, connection, ctx.team.id)
    const mapping = isId(id) ? await queries.maybeMapping(tx, connection, id) : undefined
    if (!mapping) throw notFound('role of a group')
    const [role, on] = [roleOf(mapping), onOf(mapping)]
    if (allowsMore(ctx, role, on)) throw forbidden(`${role.name} allows more than you may do yourself`)
    const events = await takeAllRoles(tx.db, ctx, { directory: connection, mapping: id })
    await queries.deleteMapping(tx, id)
    const data = { name: mapping.told_name, role: role.name, on: on.kind, thing: mapping.thing_name }
    const subject = { kind: 'directory-group', id: mapping.directory_group_id }
    await append(tx, { type: 'directory.role-unmapped', subject, data: { ...data, before: data } })
    for (const event of events) await append(tx, event)
  })

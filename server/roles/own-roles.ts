import type { z } from 'zod'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { Permission } from '../platform/access/permissions.js'
import { withReading } from '../platform/access/reading.js'
import { permissionsOf, roleNames } from '../platform/access/roles.js'
import { FieldError, forbidden, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import { lockTeam } from '../teams/teams.js'
import * as queries from './queries.js'
import { knownPermissions, titleOf } from './rules.js'
import type { RoleChanges } from './schema.js'

/** The roles that a team makes itself. Nobody makes, changes or removes one that allows more than they may do. */

type Changes = z.output<typeof RoleChanges>

export interface ShownRole {
  id: string
  name: string
  isOwn: boolean
  permissions: Permission[]
  holders: number
  createdAt: Date | null
}

/** The built-in ones first. */
export async function listRoles(ctx: TeamCtx): Promise<ShownRole[]> {
  const { own, holders } = await ctx.reading(async (tx) => ({
    own: await queries.ownRoles(tx),
    holders: new Map((await queries.builtInHolders(tx)).map((held) => [held.role, held.holders])),
  }))
  return [...roleNames.map((role) => builtIn(role, holders.get(role) ?? 0)), ...own.map(shown)]
}

export const findRole = (ctx: TeamCtx, id: string): Promise<ShownRole> =>
  ctx.reading(async (tx) => shown(await findOwnRole(tx, id)))

/** Throws a `FieldError` for a name that is taken, 403 for what its maker may not do. */
export async function createRole(ctx: TeamCtx, changes: Changes): Promise<ShownRole> {
  const permissions = allowedTo(ctx, changes.permissions)
  const row = { id: newId(), team_id: ctx.team.id, name: changes.name, permissions, created_at: ctx.now() }
  await changing(ctx, async (tx) => {
    if (isBuiltInName(changes.name) || !(await queries.claimRole(tx, row))) throw isTaken()
    const subject = { kind: 'role', id: row.id }
    await append(tx, { type: 'role.created', subject, data: { name: row.name, after: { permissions } } })
  })
  return shown({ ...row, holders: 0 })
}

/** Holds for everybody who has the role from their next request on. */
export async function updateRole(ctx: TeamCtx, id: string, changes: Changes): Promise<ShownRole> {
  const permissions = allowedTo(ctx, changes.permissions)
  return changing(ctx, async (tx) => {
    const role = await findOwnRole(tx, id)
    allowedTo(ctx, knownPermissions(role.permissions))
    if (isBuiltInName(changes.name) || (await queries.otherRoleNamed(tx, id, changes.name))) throw isTaken()
    await queries.updateRole(tx, id, { name: changes.name, permissions })
    const before = { name: role.name, permissions: role.permissions }
    const after = { name: changes.name, permissions }
    await append(tx, {
      type: 'role.changed',
      subject: { kind: 'role', id },
      data: { name: changes.name, before, after },
    })
    return shown({ ...role, name: changes.name, permissions })
  })
}

/** Whoever holds it loses it. */
export const deleteRole = (ctx: TeamCtx, id: string): Promise<void> =>
  changing(ctx, async (tx) => {
    const role = await findOwnRole(tx, id)
    allowedTo(ctx, knownPermissions(role.permissions))
    await queries.deleteRole(tx, id)
    const { name, permissions } = role
    await append(tx, { type: 'role.removed', subject: { kind: 'role', id }, data: { name, before: { permissions } } })
  })

/** One after the other: of two who change a role at once, the second sees what the first has made of it. */
const changing = <T>(ctx: TeamCtx, work: (tx: TeamTx) => Promise<T>): Promise<T> =>
  ctx.transaction(async (tx) => {
    await lockTeam(tx.db, ctx.team.id)
    return work(tx)
  })

export async function findOwnRole(tx: TeamTx, id: string): Promise<queries.OwnRole> {
  const role = isId(id) ? await queries.maybeOwnRole(tx, id) : undefined
  if (!role) throw notFound('role')
  return role
}

function allowedTo(ctx: TeamCtx, chosen: readonly Permission[]): Permission[] {
  const permissions = withReading(chosen)
  if (!permissions.every((permission) => ctx.may(permission)))
    throw forbidden('This role allows more than you may do yourself')
  return permissions
}

const isBuiltInName = (name: string): boolean => roleNames.some((role) => role === name.toLowerCase())

const isTaken = () => new FieldError('name', 'The team has a role of this name')

const builtIn = (role: (typeof roleNames)[number], holders: number): ShownRole => ({
  id: role,
  name: titleOf(role),
  isOwn: false,
  permissions: [...permissionsOf[role]],
  holders,
  createdAt: null,
})

const shown = ({ id, name, permissions, holders, created_at }: queries.OwnRole): ShownRole => ({
  id,
  name,
  isOwn: true,
  permissions: knownPermissions(permissions),
  holders,
  createdAt: created_at,
})

import type { z } from 'zod'
import type { TeamCtx, TeamTx } from '../platform/access/ctx.js'
import type { Permission } from '../platform/access/permissions.js'
import { withReading } from '../platform/access/reading.js'
import type { Role } from '../platform/access/roles.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { RoleGrantsRow } from '../platform/db/tables.js'
import { conflict, FieldError, forbidden, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import { lockTeam, type Member, membersOf } from '../teams/teams.js'
import { findOwnRole } from './own-roles.js'
import * as queries from './queries.js'
import { idOf } from './reach-queries.js'
import { builtInRole, countingOn, type GivenRole, isBuiltIn, knownPermissions, type On, whyNotGive } from './rules.js'
import type { NewHolding } from './schema.js'
import { isSeen } from './seen.js'

/** Who holds which role on what. What is given or taken holds from the next request of theirs, and for open streams within seconds. */

/** Gives a member a role. Throws `FieldError` for what is not there or means nothing there, and for more than the giver may do. */
export async function giveRole(ctx: TeamCtx, userId: string, wanted: z.output<typeof NewHolding>): Promise<void> {
  const { name } = await findMember(ctx, userId)
  await ctx.transaction(async (tx) => {
    // Neither the role nor the group is removed before it is given.
    await lockTeam(tx.db, ctx.team.id)
    await findMembership(tx, userId)
    const { role, on } = await whatIsGiven(tx, wanted)
    if (on.kind === 'team' && role.builtIn !== null)
      throw new FieldError('on', `${role.name} on the whole team is their role in the team: change it there`)
    const why = whyNotGive(role, on, (permission) => mayGiveOn(ctx, permission, on))
    if (why) throw new FieldError('role', why)

    const by = { grantedBy: ctx.actor.name, at: ctx.now() }
    if (!(await insertGrant(tx.db, { teamId: ctx.team.id, userId, roleId: role.ownId, role: role.builtIn, on, ...by })))
      throw new FieldError('role', 'They hold it already')
    const after = { role: role.name, on: on.kind, thing: wanted.on === 'team' ? null : wanted.thing }
    await append(tx, { type: 'role.given', subject: { kind: 'user', id: userId }, data: { name, ...after, after } })
  })
}

/** Taking twice is taking once; somebody else's is not there. */
export async function takeRole(ctx: TeamCtx, userId: string, id: string): Promise<void> {
  const { name } = await findMember(ctx, userId)
  await ctx.transaction(async (tx) => {
    const grant = isId(id) ? (await queries.grantsOf(tx, userId)).find((one) => one.id === id) : undefined
    if (!grant) throw notFound('role of theirs')
    if (grant.by_directory !== null)
      throw conflict(
        `It comes from ${grant.by_directory}`,
        'Take them out of the group there, or take the role from the group on the directory’s page.',
      )
    const [role, on] = [roleOf(grant), onOf(grant)]
    if (allowsMore(ctx, role, on)) throw forbidden(`${role.name} allows more than you may do yourself`)

    if ((await queries.deleteGrant(tx, userId, id)) === 0) throw conflict('Somebody else has just taken it')
    const before = { role: role.name, on: on.kind, thing: nameOf(grant) }
    await append(tx, { type: 'role.taken', subject: { kind: 'user', id: userId }, data: { name, ...before, before } })
  })
}

/** Throws 404 for who is not in the team. */
export async function findMember(ctx: TeamCtx, userId: string): Promise<Member> {
  const member = (await membersOf(ctx)).find(({ id }) => id === userId)
  if (!member) throw notFound('member')
  return member
}

/** The same inside of a transaction, which keeps them there until its end. */
async function findMembership(tx: TeamTx, userId: string): Promise<void> {
  if (!(await queries.lockMembership(tx, userId))) throw notFound('member')
}

/** A role, and what it is to be held on, by their names. Throws beside the field for what the team has not. */
export async function whatIsGiven(
  tx: TeamTx,
  wanted: z.output<typeof NewHolding>,
): Promise<{ role: GivenRole; on: On }> {
  const on = await findThing(tx, wanted)
  return { role: await findRoleToGive(tx, wanted.role), on }
}

/** The same for what an API key shall hold: a role, or the permissions that were `chosen` for it. */
export async function whatIsHeld(
  tx: TeamTx,
  wanted: z.output<typeof NewHolding> & { permissions: readonly Permission[] },
): Promise<{ role: GivenRole; on: On }> {
  if (wanted.role !== 'chosen') return whatIsGiven(tx, wanted)
  const on = await findThing(tx, wanted)
  if (wanted.permissions.length === 0) throw new FieldError('permissions', 'Choose what the key may do')
  const permissions = withReading(wanted.permissions)
  return { role: { builtIn: null, ownId: null, name: 'This key', permissions }, on }
}

async function findRoleToGive(tx: TeamTx, role: string): Promise<GivenRole> {
  if (isBuiltIn(role)) return builtInRole(role)
  const own = await findOwnRole(tx, role).catch(() => {
    throw new FieldError('role', 'There is no such role')
  })
  return { builtIn: null, ownId: own.id, name: own.name, permissions: knownPermissions(own.permissions) }
}

async function findThing(tx: TeamTx, { on, thing }: z.output<typeof NewHolding>): Promise<On> {
  if (on === 'team') return { kind: 'team' }
  const teamId = tx.ctx.team.id
  const id =
    on === 'group'
      ? await queries.maybeGroupId(tx, thing)
      : await idOf(tx.db, on === 'site' ? 'sites' : 'servers', teamId, thing)
  // What they do not see is not there for them to give anything on.
  if (!id || !isSeen(tx.ctx, columnsOf({ kind: on, id })))
    throw new FieldError('thing', `The team has no ${on} of this name`)
  return { kind: on, id }
}

/** A group may hold any site, so whoever gives a role on it has to hold that everywhere. */
export const mayGiveOn = (ctx: TeamCtx, permission: Parameters<TeamCtx['may']>[0], on: On): boolean =>
  ctx.may(permission, on.kind === 'site' || on.kind === 'server' ? on.id : null)

/** Whether it allows there more than they may do there themselves: then it is not theirs to take, or to hand on. */
export const allowsMore = (ctx: TeamCtx, role: GivenRole, on: On): boolean =>
  countingOn(role.permissions, on).some((permission) => !mayGiveOn(ctx, permission, on))

export interface NewGrant {
  readonly teamId: string
  readonly userId: string
  readonly role: Role | null
  readonly roleId: string | null
  readonly on: On
  readonly grantedBy: string
  readonly at: Date
}

/** Also for who is let in by an invitation. Returns false when they hold just that already. */
export const insertGrant = (
  db: TransactionOf<'team'> | TransactionOf<'identity'>,
  { teamId, userId, role, roleId, on, grantedBy, at }: NewGrant,
): Promise<boolean> =>
  queries.claimGrant(db, {
    ...{ id: newId(), team_id: teamId, user_id: userId, role, role_id: roleId },
    ...columnsOf(on),
    ...{ directory_role_id: null, granted_by: grantedBy, created_at: at },
  })

type RoleColumns = Pick<queries.ShownGrant, 'role' | 'role_id' | 'own_name' | 'own_permissions'>

export const roleOf = (grant: RoleColumns): GivenRole =>
  grant.role !== null
    ? builtInRole(grant.role)
    : {
        builtIn: null,
        ownId: grant.role_id,
        name: grant.own_name ?? '',
        permissions: knownPermissions(grant.own_permissions ?? []),
      }

export function onOf({ site_id, server_id, group_id }: Pick<RoleGrantsRow, 'site_id' | 'server_id' | 'group_id'>): On {
  if (site_id !== null) return { kind: 'site', id: site_id }
  if (server_id !== null) return { kind: 'server', id: server_id }
  return group_id === null ? { kind: 'team' } : { kind: 'group', id: group_id }
}

/** The other way round: as rows keep what something is held on. */
export const columnsOf = (on: On): Pick<RoleGrantsRow, 'site_id' | 'server_id' | 'group_id'> => ({
  site_id: on.kind === 'site' ? on.id : null,
  server_id: on.kind === 'server' ? on.id : null,
  group_id: on.kind === 'group' ? on.id : null,
})

/** As people call it; null for the whole team. */
export const nameOf = (grant: queries.ShownGrant): string | null =>
  grant.site_name ?? grant.server_name ?? grant.group_name

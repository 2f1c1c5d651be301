import type { z } from 'zod'
import { TeamCtx } from '../platform/access/ctx.js'
import type { SignInRequirementsRow } from '../platform/db/tables.js'
import { conflict, notFound } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import type { Services } from '../platform/services.js'
import { connectionOfSessionId, hasFactor } from '../sessions/sessions.js'
import { listConnections, listConnectionsIn } from '../sign-in-connections/sign-in-connections.js'
import { lockTeam, type Member, membersOf } from '../teams/teams.js'
import * as queries from './queries.js'
import type { NewRequirement } from './schema.js'

interface Named {
  readonly id: string
  readonly name: string
}

/**
 * From now on the team's pages open to its own sign-in alone. So that nobody locks the team up, whoever asks for it came
 * in that way just now, and the owner who is named for the day on which it fails has a second factor.
 */
export async function requireSignIn(
  ctx: TeamCtx,
  session: string | undefined,
  { requires, breakGlass }: z.output<typeof NewRequirement>,
): Promise<void> {
  const accepted = acceptedOf(await listConnections(ctx), requires)
  const members = await membersOf(ctx)
  const owner = members.find(({ id, role, isSuspended }) => id === breakGlass && role === 'owner' && !isSuspended)
  if (!owner) throw notFound('owner of the team')
  await ctx.services.db.asIdentity(async (db) => {
    if (!(await hasFactor(db, owner.id)))
      throw conflict(`${owner.name} has no second factor yet`, 'They set it up on their own account first.')
    const used = await connectionOfSessionId(db, session)
    if (!accepted.some(({ id }) => id === used))
      throw conflict('You did not come in that way yourself', 'Sign in by it first, so that it is sure to work.')
  })
  await ctx.transaction(async (tx) => {
    await lockTeam(tx.db, ctx.team.id)
    // Meanwhile a connection may have been removed, and the owner may be none any more.
    const own = await listConnectionsIn(tx)
    const requiredNames = acceptedOf(own, requires).map(({ name }) => name)
    if (!(await queries.isOwner(tx, owner.id))) throw notFound('owner of the team')
    const before = told(await queries.maybeRequirement(tx), own, members)
    const connectionId = requires === 'any' ? null : requires
    const row = {
      ...{ team_id: ctx.team.id, connection_id: connectionId, break_glass_user_id: owner.id },
      ...{ created_by: ctx.actor.name, created_at: ctx.now() },
    }
    await queries.replaceRequirement(tx, row)
    const data = { requires: requiredNames, before, after: told(row, own, members) }
    await append(tx, { type: 'sign-in-requirement.set', subject: { kind: 'team', id: ctx.team.id }, data })
  })
}

/** @throws UserError 404 where none of the team's would open it */
function acceptedOf<Connection extends Named>(own: readonly Connection[], requires: string): readonly Connection[] {
  const accepted = own.filter(({ id }) => requires === 'any' || id === requires)
  if (accepted.length === 0) throw notFound('sign-in connection')
  return accepted
}

export async function dropRequirement(ctx: TeamCtx): Promise<void> {
  const [own, members] = [await listConnections(ctx), await membersOf(ctx)]
  await ctx.transaction(async (tx) => {
    await lockTeam(tx.db, ctx.team.id)
    const before = told(await queries.maybeRequirement(tx), own, members)
    if (!(await queries.deleteRequirement(tx))) throw notFound('requirement')
    const event = { type: 'sign-in-requirement.dropped', subject: { kind: 'team', id: ctx.team.id } } as const
    await append(tx, { ...event, data: { before, after: {} } })
  })
}

/** For the machine itself, where having a shell is the permission: for a team that nobody can open any more. */
export async function dropByShell(services: Services, slug: string): Promise<void> {
  const team = await services.db.asIdentity((db) => queries.maybeTeam(db, slug))
  if (!team) throw notFound('team')
  await dropRequirement(TeamCtx.system(services, team, 'Shell'))
}

/** A requirement as the log tells of it, by names; `{}` for none. */
function told(row: SignInRequirementsRow | undefined, connections: readonly Named[], members: readonly Named[]) {
  if (!row) return {}
  const nameOf = (id: string | null, of: readonly Named[]) => of.find((one) => one.id === id)?.name ?? id
  return {
    requires: row.connection_id === null ? 'any' : nameOf(row.connection_id, connections),
    breakGlass: nameOf(row.break_glass_user_id, members),
  }
}

export async function requirementOf(ctx: TeamCtx) {
  const row = await ctx.reading((tx) => queries.maybeRequirement(tx))
  return row ? { requires: row.connection_id ?? 'any', breakGlass: row.break_glass_user_id } : null
}

/** Why the owner who was named could not open the team today; null while they can. */
async function breakGlassFault(ctx: TeamCtx, members: readonly Member[], id: string | null): Promise<string | null> {
  const named = members.find((member) => member.id === id)
  if (named?.role !== 'owner') return 'Who was named owns the team no longer.'
  if (named.isSuspended) return `${named.name} is suspended.`
  const has = await ctx.services.db.asIdentity((db) => hasFactor(db, named.id))
  return has ? null : `${named.name} has no second factor any more.`
}

/** What there is to choose from. */
export async function requirementPage(ctx: TeamCtx) {
  const [connections, members, requirement] = [
    await listConnections(ctx),
    await membersOf(ctx),
    await requirementOf(ctx),
  ]
  return {
    ...{ requirement, team: ctx.team, hasConnections: connections.length > 0 },
    breakGlassFault: requirement && (await breakGlassFault(ctx, members, requirement.breakGlass)),
    ways: [
      ...(connections.length > 1 ? [{ value: 'any', label: 'Any connection of the team' }] : []),
      ...connections.map(({ id, name }) => ({ value: id, label: name })),
    ],
    owners: members
      .filter(({ role, isSuspended }) => role === 'owner' && !isSuspended)
      .map(({ id, name }) => ({ value: id, label: name })),
  }
}

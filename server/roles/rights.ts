import type { TeamCtx } from '../platform/access/ctx.js'
import { allPermissions, type Permission } from '../platform/access/permissions.js'
import type { Role } from '../platform/access/roles.js'
import { findMember, nameOf, onOf, roleOf } from './grants.js'
import * as queries from './queries.js'
import { builtInRole, countingOn, type GivenRole, type On } from './rules.js'
import { nameSeen } from './seen.js'

/** What somebody may do in the team, and why: each right with the roles that it comes from. */
export interface Rights {
  member: { id: string; name: string; email: string; role: Role | null }
  held: Held[]
  rights: { permission: Permission; where: { on: string; because: string }[] }[]
}

interface Held {
  /** Null for the role on the whole team, which is part of the membership. */
  id: string | null
  role: string
  on: { kind: On['kind']; name: string }
  grantedBy: string | null
  /** It comes from a group of a directory, and cannot be taken by hand. */
  byDirectory: boolean
  since: Date
}

/** Throws 404 for who is no member. */
export async function rightsOf(ctx: TeamCtx, userId: string): Promise<Rights> {
  const { id, name, email, role, since } = await findMember(ctx, userId)
  const grants = await ctx.reading((tx) => queries.grantsOf(tx, userId))
  const onTeam = {
    id: null,
    on: { kind: 'team' },
    name: ctx.team.name,
    grantedBy: null,
    byDirectory: false,
    since,
  } as const
  const holdings: Holding[] = [
    ...(role ? [{ ...onTeam, given: builtInRole(role) }] : []),
    ...grants.map((grant) => holdingOf(ctx, grant)),
  ]
  return { member: { id, name, email, role }, held: holdings.map(held), rights: rightsFrom(holdings) }
}

interface Holding {
  id: string | null
  given: GivenRole
  on: On
  name: string
  grantedBy: string | null
  byDirectory: boolean
  since: Date
}

const holdingOf = (ctx: TeamCtx, grant: queries.ShownGrant): Holding => ({
  id: grant.id,
  given: roleOf(grant),
  on: onOf(grant),
  name: nameSeen(ctx, grant, nameOf(grant)) ?? ctx.team.name,
  grantedBy: grant.by_directory ?? grant.granted_by,
  byDirectory: grant.by_directory !== null,
  since: grant.created_at,
})

const held = ({ id, given, on, name, grantedBy, byDirectory, since }: Holding): Held => ({
  id,
  role: given.name,
  on: { kind: on.kind, name },
  grantedBy,
  byDirectory,
  since,
})

const rightsFrom = (holdings: readonly Holding[]): Rights['rights'] =>
  allPermissions.flatMap((permission) => {
    const where = holdings
      .filter(({ given, on }) => countingOn(given.permissions, on).includes(permission))
      .map((holding) => ({ on: onText(holding), because: becauseOf(holding) }))
    return where.length > 0 ? [{ permission, where }] : []
  })

const onText = ({ on, name }: Holding): string => {
  switch (on.kind) {
    case 'team':
      return 'The whole team'
    case 'group':
      return `The sites of ${name}`
    case 'server':
      return `${name} and its sites`
    case 'site':
      return name
  }
}

const becauseOf = ({ given, grantedBy }: Holding): string =>
  grantedBy === null ? `${given.name}, their role in the team` : `${given.name}, given by ${grantedBy}`

import type { TeamCtx } from '../platform/access/ctx.js'
import { countsOn, isPermission } from '../platform/access/permissions.js'
import { permissionsOf, type Role } from '../platform/access/roles.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { FieldError, forbidden, notFound } from '../platform/errors.js'
import { appendInTeam } from '../platform/events/append.js'
import { isId } from '../platform/ids.js'
import { refuseUnless } from '../platform/verdict.js'
import { refuseMoreOwned } from './owning.js'
import * as queries from './queries.js'
import { memberCan } from './rules.js'

type Identity = TransactionOf<'identity'>

type Work<T> = (db: Identity, member: queries.Member, around: queries.Owning) => Promise<T>

const changing = <T>(ctx: TeamCtx, id: string, work: Work<T>): Promise<T> =>
  ctx.services.db.asIdentity((db) => changingIn(db, ctx, id, work))

/** Under the team's lock: of two owners who leave at once, the second finds that they are the last. */
async function changingIn<T>(db: Identity, ctx: TeamCtx, id: string, work: Work<T>): Promise<T> {
  await queries.lockTeam(db, ctx.team.id)
  const member = isId(id) ? await queries.maybeMember(db, ctx.team.id, id) : undefined
  if (!member) throw notFound('member')
  return work(db, member, await queries.owningOf(db, ctx.team.id))
}

const by = (ctx: TeamCtx) => ({ by: ctx.actor.id, may: ctx.may.bind(ctx) })

/** Holds from their next request; of what they have open, everything is asked again at once. */
export const changeRole = (ctx: TeamCtx, id: string, role: Role): Promise<queries.Member> =>
  changing(ctx, id, async (db, member, around) => {
    refuseUnless(memberCan.change(member, role, { ...by(ctx), ...around }))
    if (member.role === role) return member
    if (role === 'owner') await refuseMoreOwned(db, member.id, `${member.name} owns`)
    await queries.updateRole(db, ctx.team.id, id, role)
    await tell(db, ctx, 'member.role-changed', member, {
      ...{ from: member.role, to: role },
      ...{ before: { role: member.role }, after: { role } },
    })
    return { ...member, role }
  })

/** With the API keys that they made here. */
export const removeMember = (ctx: TeamCtx, id: string): Promise<queries.Member> =>
  ctx.services.db.asIdentity((db) => removeMemberIn(db, ctx, id))

/** The same in a transaction that changes something besides. */
export const removeMemberIn = (db: Identity, ctx: TeamCtx, id: string): Promise<queries.Member> =>
  changingIn(db, ctx, id, async (db, member, around) => {
    refuseUnless(memberCan.remove(member, { ...by(ctx), ...around }))
    await refuseStronger(db, ctx, member)
    await takeOut(db, ctx, member, 'member.removed')
    return member
  })

/** With somebody go the roles that they hold besides, each of which one has to be able to take. */
async function refuseStronger(db: Identity, ctx: TeamCtx, { id, name }: queries.Member): Promise<void> {
  for (const { role, permissions, kind, thing } of await queries.grantsOf(db, ctx.team.id, id)) {
    const held = permissions?.filter(isPermission) ?? [...permissionsOf[role ?? 'viewer']]
    if (!held.every((permission) => !countsOn(permission, kind) || ctx.may(permission, thing)))
      throw forbidden(`${name} may do more here than you`)
  }
}

/** One's own end of being in the team. */
export const leaveTeam = (ctx: TeamCtx): Promise<void> =>
  changing(ctx, personIn(ctx), async (db, member, around) => {
    refuseUnless(memberCan.leave(member, around))
    await takeOut(db, ctx, member, 'member.left')
  })

/** Who gives the team away stays in it as an admin. */
export async function transferOwnership(ctx: TeamCtx, memberId: string): Promise<queries.Member> {
  const self = personIn(ctx)
  return changing(ctx, memberId, async (db, member, { owners, breakGlass }) => {
    if (member.id === self) throw new FieldError('member', 'You own the team already')
    if (member.isSuspended) throw new FieldError('member', `${member.name} is suspended and could not sign in`)
    const giver = await queries.maybeMember(db, ctx.team.id, self)
    if (giver?.role !== 'owner') throw forbidden('You are no owner of the team any more')
    refuseUnless(memberCan.leave(giver, { owners: [...owners, member.id], breakGlass }))
    if (member.role !== 'owner') await refuseMoreOwned(db, member.id, `${member.name} owns`)
    await queries.updateRole(db, ctx.team.id, member.id, 'owner')
    await queries.updateRole(db, ctx.team.id, self, 'admin')
    await tell(db, ctx, 'team.ownership-transferred', member, { from: giver.name })
    return { ...member, role: 'owner' }
  })
}

async function takeOut(
  db: Identity,
  ctx: TeamCtx,
  member: queries.Member,
  type: 'member.removed' | 'member.left',
): Promise<void> {
  await queries.deleteMembership(db, ctx.team.id, member.id)
  const keysRevoked = await queries.revokeKeysOf(db, ctx.team.id, member.id, ctx.now())
  await tell(db, ctx, type, member, { role: member.role, keysRevoked })
}

type MemberEvent = 'member.role-changed' | 'member.removed' | 'member.left' | 'team.ownership-transferred'

const tell = (db: Identity, ctx: TeamCtx, type: MemberEvent, { id, name }: queries.Member, data: object) =>
  appendInTeam(
    db,
    ctx.team.id,
    ctx.actor,
    { type, subject: { kind: 'user', id }, data: { name, ...data }, address: ctx.address },
    ctx.now(),
  )

function personIn({ actor }: TeamCtx): string {
  if (actor.kind !== 'user') throw forbidden('An API key cannot do this: sign in with your password')
  return actor.id
}

import type { TeamCtx } from '../platform/access/ctx.js'
import { why } from '../platform/verdict.js'
import * as queries from './queries.js'
import { memberCan, rolesToGive } from './rules.js'
import { membersOf } from './teams.js'

/** Who is here, with what the person who looks may do about each. */
export async function membersPage(ctx: TeamCtx) {
  const members = await membersOf(ctx)
  const owning = await owningOf(ctx)
  const around = { by: ctx.actor.id, may: ctx.may.bind(ctx), ...owning }
  return {
    team: ctx.team,
    roles: rolesToGive(around.may),
    members: members.map((member) => ({
      ...member,
      isSelf: member.id === ctx.actor.id,
      changeWhy: why(memberCan.change(member, member.role, around)),
      removeWhy: why(memberCan.remove(member, around)),
    })),
  }
}

export async function settingsPage(ctx: TeamCtx) {
  const members = await membersOf(ctx)
  const self = members.find(({ id }) => id === ctx.actor.id)
  const owning = await owningOf(ctx)
  return {
    team: ctx.team,
    others: members.filter(({ id, isSuspended }) => id !== ctx.actor.id && !isSuspended),
    transferWhy: self ? why(memberCan.leave(self, { ...owning, owners: [...owning.owners, follower] })) : null,
    leaveWhy: self ? why(memberCan.leave(self, owning)) : 'You are not in this team',
  }
}

/** Whoever it is given to: an owner more. */
const follower = ''

const owningOf = ({ services, team }: TeamCtx) => services.db.asIdentity((db) => queries.owningOf(db, team.id))

import type { TeamCtx } from '../platform/access/ctx.js'
import { why } from '../platform/verdict.js'
import * as queries from './queries.js'
import { memberCan, rolesToGive } from './rules.js'
import { membersOf } from './teams.js'

/** Who is here, with what the person who looks may do about each. */
export async function membersPage(ctx: TeamCtx) {
  const members = await membersOf(ctx)
  const owners = members.filter(({ role, isSuspended }) => role === 'owner' && !isSuspended).length
  const around = { by: ctx.actor.id, may: ctx.may.bind(ctx), owners }
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
  const owners = await ctx.services.db.asIdentity((db) => queries.countOwners(db, ctx.team.id))
  return {
    team: ctx.team,
    others: members.filter(({ id, isSuspended }) => id !== ctx.actor.id && !isSuspended),
    leaveWhy: self ? why(memberCan.leave(self, { owners })) : 'You are not in this team',
  }
}

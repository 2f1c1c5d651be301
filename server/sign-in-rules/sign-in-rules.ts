import type { z } from 'zod'
import type { PersonCtx, TeamCtx } from '../platform/access/ctx.js'
import type { SignInRulesRow } from '../platform/db/tables.js'
import { append, appendOutsideTeams } from '../platform/events/append.js'
import * as queries from './queries.js'
import type { SignInRulesInput } from './schema.js'

export type SignInRules = z.output<typeof SignInRulesInput>

/** What a team asks of its people's sign-ins, and who would be shut out if it asked for a second factor. */
export async function teamRules(ctx: TeamCtx) {
  const rules = viewOf(await ctx.reading(queries.rulesIn))
  const without = await ctx.services.db.asIdentity((db) => queries.peopleWithout(db, ctx.team.id))
  return { ...rules, without: without.map(({ name }) => name) }
}

/** Holds from the next request of each of them on, also for sessions, keys and streams that are there already (MF-08). */
export const changeTeamRules = (ctx: TeamCtx, rules: SignInRules): Promise<void> =>
  ctx.transaction(async (tx) => {
    await queries.putRules(tx.db, rowOf(ctx.team.id, rules))
    const subject = { kind: 'team', id: ctx.team.id }
    await append(tx, { type: 'team.sign-in-rules-changed', subject, data: { ...rules } })
  })

export const panelRules = async (ctx: PersonCtx): Promise<SignInRules> =>
  viewOf(await ctx.services.db.asOperator((db) => queries.maybeRules(db, null)))

/** The same for everybody in the panel. */
export const changePanelRules = (ctx: PersonCtx, rules: SignInRules): Promise<void> =>
  ctx.services.db.asOperator(async (db) => {
    await queries.putRules(db, rowOf(null, rules))
    const event = {
      type: 'panel.sign-in-rules-changed',
      subject: { kind: 'panel', id: null },
      data: { ...rules },
    } as const
    await appendOutsideTeams(db, ctx.actor, event, ctx.now())
  })

const viewOf = (row: SignInRulesRow | undefined): SignInRules => ({
  requiresFactor: row?.requires_factor ?? false,
  idleMinutes: row?.idle_minutes ?? null,
  longestHours: row?.longest_hours ?? null,
})

const rowOf = (teamId: string | null, rules: SignInRules): SignInRulesRow => ({
  team_id: teamId,
  requires_factor: rules.requiresFactor,
  idle_minutes: rules.idleMinutes,
  longest_hours: rules.longestHours,
})

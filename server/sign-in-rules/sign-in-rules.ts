import type { z } from 'zod'
import type { PersonCtx, TeamCtx } from '../platform/access/ctx.js'
import type { Transaction } from '../platform/db/doors.js'
import type { SignInRulesRow } from '../platform/db/tables.js'
import { append, appendOutsideTeams } from '../platform/events/append.js'
import * as queries from './queries.js'
import type { SignInRulesInput } from './schema.js'

export type SignInRules = z.output<typeof SignInRulesInput>

/** How many are named of those who have no second factor: a page of names helps nobody. */
const mostNamed = 20

/**
 * What a team asks of its people's sign-ins. Who may change that is shown who would be shut out if it asked for a second
 * factor, and nobody else: whoever wants an account to break into would begin with these.
 */
export async function teamRules(ctx: TeamCtx) {
  const rules = viewOf(await ctx.reading(queries.rulesIn))
  if (!ctx.may('team:update')) return { ...rules, without: [], more: 0 }
  const without = await ctx.services.db.asIdentity((db) => queries.peopleWithout(db, ctx.team.id, mostNamed))
  return { ...rules, without: without.map(({ name }) => name), more: (without[0]?.total ?? 0) - without.length }
}

/** Holds from the next request of each of them on, also for sessions, keys and streams that are there already (MF-08). */
export const changeTeamRules = (ctx: TeamCtx, rules: SignInRules): Promise<void> =>
  ctx.transaction(async (tx) => {
    const data = await change(tx.db, ctx.team.id, rules)
    if (data) await append(tx, { type: 'team.sign-in-rules-changed', subject: { kind: 'team', id: ctx.team.id }, data })
  })

export const panelRules = async (ctx: PersonCtx): Promise<SignInRules> =>
  viewOf(await ctx.services.db.asOperator((db) => queries.maybeRules(db, null)))

/** The same for everybody in the panel. */
export const changePanelRules = (ctx: PersonCtx, rules: SignInRules): Promise<void> =>
  ctx.services.db.asOperator(async (db) => {
    const data = await change(db, null, rules)
    if (!data) return
    const subject = { kind: 'panel', id: null } as const
    const event = { type: 'panel.sign-in-rules-changed', subject, data, address: ctx.address } as const
    await appendOutsideTeams(db, ctx.actor, event, ctx.now())
  })

/** Returns what to tell of it, or null when it changes nothing. */
async function change(db: Transaction, teamId: string | null, rules: SignInRules) {
  const before = viewOf(await queries.lockRules(db, teamId))
  const after = viewOf(rowOf(teamId, rules))
  if (JSON.stringify(before) === JSON.stringify(after)) return null
  await queries.updateRules(db, rowOf(teamId, rules))
  return { requiresFactor: after.requiresFactor, before, after }
}

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

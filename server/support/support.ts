import type { z } from 'zod'
import type { PersonCtx, TeamCtx } from '../platform/access/ctx.js'
import { conflict, notFound } from '../platform/errors.js'
import { append, appendInTeam, appendOutsideTeams } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import { refuseUnless } from '../platform/verdict.js'
import * as queries from './queries.js'
import { type SupportMode, stateOf, supportCan } from './rules.js'
import type { SupportWish } from './schema.js'

export { asVisitor, endLeftVisits, maybeVisit, teamOfVisit, visitorsOf } from './visits.js'

const hour = 60 * 60_000

export async function supportPage(ctx: PersonCtx) {
  const self = ctx.actor.id ?? ''
  return ctx.services.db.asOperator(async (db) => ({
    mode: await queries.findMode(db),
    grants: (await queries.grantsOfOperator(db, self)).map((row) => ({ ...row, state: stateOf(row, ctx.now()) })),
  }))
}

/** What the team reads on its settings: the policy, who asks, who is inside. */
export const supportOf = (ctx: TeamCtx) =>
  ctx.services.db.asIdentity(async (db) => ({
    mode: await queries.findMode(db),
    grants: (await queries.grantsOfTeam(db, ctx.team.id)).map((row) => ({ ...row, state: stateOf(row, ctx.now()) })),
  }))

export const chooseSupport = (ctx: PersonCtx, mode: SupportMode): Promise<void> =>
  ctx.services.db.asOperator(async (db) => {
    if ((await queries.updateMode(db, mode)) === 0) return
    const subject = { kind: 'panel', id: null }
    const event = { type: 'support.chosen', subject, data: { to: mode }, address: ctx.address } as const
    await appendOutsideTeams(db, ctx.actor, event, ctx.now())
  })

/** Asks a team in, with a reason that it reads. Under the panel's policy the answer is there at once. */
export const askForSupport = (ctx: PersonCtx, teamId: string, wish: z.output<typeof SupportWish>): Promise<string> =>
  ctx.services.db.asOperator(async (db) => {
    const team = isId(teamId) ? await queries.maybeTeam(db, teamId) : undefined
    if (!team || ctx.actor.kind !== 'user') throw notFound('team')
    const now = ctx.now()
    const isAllowed = (await queries.findMode(db)) === 'policy'
    const id = newId()
    await queries.insertGrant(db, {
      ...{ id, team_id: team.id, operator_id: ctx.actor.id, ...wish, requested_at: now },
      ...(isAllowed && {
        allowed_by: 'the policy of the panel',
        allowed_at: now,
        ends_at: new Date(now.getTime() + wish.hours * hour),
      }),
    })
    const data = { name: ctx.actor.name, ...wish, support: id, isAllowed }
    await tell(db, ctx, team.id, 'support.requested', id, data)
    return team.name
  })

/** From now on it belongs to this session: whoever signs out has left. Returns the team's slug. */
export const enterTeam = (ctx: PersonCtx, id: string): Promise<string> =>
  ctx.services.db.asOperator(async (db) => {
    const row = isId(id) ? await queries.lockGrant(db, id, ctx.actor.id) : undefined
    const team = row && (await queries.maybeTeam(db, row.team_id))
    if (!row || !team || ctx.sessionId === null) throw notFound('support access')
    refuseUnless(supportCan.enter(stateOf(row, ctx.now())))
    const session = Buffer.from(ctx.sessionId, 'base64url')
    await queries.updateGrant(db, id, { entered_at: ctx.now(), session_hash: session })
    await tell(db, ctx, team.id, 'support.entered', id, { name: ctx.actor.name, reason: row.reason, support: id })
    return team.slug
  })

/** By the operator. Twice is once. */
export const leaveSupport = (ctx: PersonCtx, id: string): Promise<void> =>
  ctx.services.db.asOperator(async (db) => {
    const row = isId(id) ? await queries.lockGrant(db, id, ctx.actor.id) : undefined
    if (!row) throw notFound('support access')
    if (stateOf(row, ctx.now()) === 'over') return
    await queries.updateGrant(db, id, { ended_at: ctx.now(), session_hash: null })
    await tell(db, ctx, row.team_id, 'support.ended', id, { name: ctx.actor.name, support: id })
  })

/** By an owner of the team. The hours count from here. */
export const allowSupport = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const row = isId(id) ? await queries.lockTeamsGrant(tx, id) : undefined
    if (!row) throw notFound('support request')
    if (row.operator_id === ctx.actor.id) throw conflict('You cannot let yourself in', 'Another owner can.')
    refuseUnless(supportCan.allow(stateOf(row, ctx.now())))
    const endsAt = new Date(ctx.now().getTime() + row.hours * hour)
    await queries.updateGrant(tx.db, id, { allowed_by: ctx.actor.name, allowed_at: ctx.now(), ends_at: endsAt })
    const data = { name: 'an operator', support: id, endsAt }
    await append(tx, { type: 'support.allowed', subject: { kind: 'support', id }, data })
  })

/** By an owner: refuses what was asked for, or puts whoever is inside out at once. Twice is once. */
export const endSupport = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const row = isId(id) ? await queries.lockTeamsGrant(tx, id) : undefined
    if (!row) throw notFound('support request')
    const state = stateOf(row, ctx.now())
    if (state === 'over') return
    await queries.updateGrant(tx.db, id, { ended_at: ctx.now(), session_hash: null })
    const type = state === 'asked' ? 'support.refused' : 'support.ended'
    await append(tx, { type, subject: { kind: 'support', id }, data: { name: 'an operator', support: id } })
  })

const tell = (
  db: Parameters<typeof queries.maybeTeam>[0],
  ctx: PersonCtx,
  teamId: string,
  type: 'support.requested' | 'support.entered' | 'support.ended',
  id: string,
  data: object,
) =>
  appendInTeam(
    db,
    teamId,
    ctx.actor,
    { type, subject: { kind: 'support', id }, data: { ...data }, address: ctx.address },
    ctx.now(),
  )

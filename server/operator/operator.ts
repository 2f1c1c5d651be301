import { z } from 'zod'
import type { PersonCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import { conflict, notFound } from '../platform/errors.js'
import { appendInTeam, appendOutsideTeams } from '../platform/events/append.js'
import { decodeCursor, listPage } from '../platform/http/pagination.js'
import { isId } from '../platform/ids.js'
import { endLeftVisits } from '../support/support.js'
import * as queries from './queries.js'
import type { SearchQuery } from './schema.js'

type Operator = TransactionOf<'operator'>
type Search = z.output<typeof SearchQuery>

/** What whoever runs the panel sees of all teams and people: who they are and how they stand, nothing of what is theirs. */

export const teamsPage = (ctx: PersonCtx, query: Search) => listed(ctx, query, queries.teamsLike)

export const peoplePage = (ctx: PersonCtx, query: Search) => listed(ctx, query, queries.peopleLike)

async function listed<Row extends { id: string; name: string }>(
  ctx: PersonCtx,
  { q, cursor, limit }: Search,
  find: (db: Operator, wanted: Parameters<typeof queries.teamsLike>[1]) => Promise<Row[]>,
) {
  const after = decodeCursor(ctx, cursor, z.tuple([z.string(), z.string()]))
  const rows = await ctx.services.db.asOperator((db) => find(db, { text: q.trim(), after, limit: limit + 1 }))
  return { ...listPage(ctx, rows, limit, (row) => [row.name.toLowerCase(), row.id]), q, selfId: ctx.actor.id }
}

/** Its pages close to everybody; its sites are served as before, and nothing new is deployed. Twice is once. */
export const suspendTeam = (ctx: PersonCtx, id: string, reason: string): Promise<void> =>
  ctx.services.db.asOperator(async (db) => {
    await refuseUnknown(db, 'teams', id)
    const team = await queries.suspendTeam(db, id, reason, ctx.now())
    if (team) await tellTeam(db, ctx, 'team.suspended', team, { reason })
  })

export const restoreTeam = (ctx: PersonCtx, id: string): Promise<void> =>
  ctx.services.db.asOperator(async (db) => {
    await refuseUnknown(db, 'teams', id)
    const team = await queries.restoreTeam(db, id)
    if (team) await tellTeam(db, ctx, 'team.restored', team, {})
  })

/** They are out everywhere at once: sessions, API keys, open streams. Their teams and sites go on. Twice is once. */
export const suspendPerson = (ctx: PersonCtx, id: string, reason: string): Promise<void> =>
  ctx.services.db.asOperator(async (db) => {
    await refuseUnknown(db, 'users', id)
    if (id === ctx.actor.id) throw conflict('You cannot suspend yourself', 'Another operator can.')
    const person = await queries.suspendPerson(db, id, reason, ctx.now())
    if (!person) return
    const sessionsEnded = await queries.endSessionsOf(db, id)
    await tellPerson(db, ctx, 'user.suspended', person, { reason, sessionsEnded })
    await endLeftVisits(db, id, ctx, ctx.now())
  })

export const restorePerson = (ctx: PersonCtx, id: string): Promise<void> =>
  ctx.services.db.asOperator(async (db) => {
    await refuseUnknown(db, 'users', id)
    const person = await queries.restorePerson(db, id)
    if (person) await tellPerson(db, ctx, 'user.restored', person, {})
  })

async function refuseUnknown(db: Operator, table: 'teams' | 'users', id: string): Promise<void> {
  if (!isId(id) || !(await queries.isThere(db, table, id))) throw notFound(table === 'teams' ? 'team' : 'person')
}

const tellTeam = (
  db: Operator,
  ctx: PersonCtx,
  type: 'team.suspended' | 'team.restored',
  { id, name }: { id: string; name: string },
  data: object,
) =>
  appendInTeam(
    db,
    id,
    ctx.actor,
    { type, subject: { kind: 'team', id }, data: { name, ...data }, address: ctx.address },
    ctx.now(),
  )

const tellPerson = (
  db: Operator,
  ctx: PersonCtx,
  type: 'user.suspended' | 'user.restored',
  { id, name }: { id: string; name: string },
  data: object,
) =>
  appendOutsideTeams(
    db,
    ctx.actor,
    { type, subject: { kind: 'user', id }, data: { name, ...data }, address: ctx.address },
    ctx.now(),
  )

import { parseDomainName } from '../domains/domains.js'
import type { TeamCtx } from '../platform/access/ctx.js'
import type { TransactionOf } from '../platform/db/doors.js'
import type { DomainClaimsRow } from '../platform/db/tables.js'
import { FieldError, notFound, UserError } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { isId, newId } from '../platform/ids.js'
import type { Services } from '../platform/services.js'
import { recordOf, settle } from './looking.js'
import * as queries from './queries.js'

type Identity = TransactionOf<'identity'>

/** Writes down that a domain is the team's. It counts once a record in its DNS says so, and for one team alone. */
export async function claimDomain(ctx: TeamCtx, typed: string): Promise<string> {
  const name = domainIn(typed)
  const id = newId()
  await ctx.transaction(async (tx) => {
    const isNew = await queries.insertClaim(tx, {
      ...{ id, team_id: ctx.team.id, name, proven_at: null, missing_since: null, fault: null, checked_at: null },
      ...{ check_due_at: ctx.now(), created_by: ctx.actor.name, created_at: ctx.now() },
    })
    if (!isNew) throw new FieldError('name', `Your team has ${name} already`)
    await append(tx, { type: 'domain-claim.added', subject: { kind: 'domain-claim', id }, data: { name } })
  })
  return id
}

function domainIn(typed: string): string {
  try {
    const name = parseDomainName(typed)
    if (name.startsWith('*.')) throw new FieldError('name', 'Give the domain of the addresses, such as example.com')
    return name
  } catch (error) {
    if (error instanceof UserError && error.status === 422) throw new FieldError('name', error.message)
    throw error
  }
}

/** Looks at its DNS now, as it is done by itself every few minutes. */
export async function checkClaim(ctx: TeamCtx, id: string): Promise<DomainClaimsRow> {
  await settle(ctx.services, await findClaim(ctx, id))
  return findClaim(ctx, id)
}

export const removeClaim = (ctx: TeamCtx, id: string): Promise<void> =>
  ctx.transaction(async (tx) => {
    const gone = isId(id) && (await queries.deleteClaim(tx, id))
    if (!gone) throw notFound('domain')
    const subject = { kind: 'domain-claim', id }
    await append(tx, { type: 'domain-claim.removed', subject, data: { name: gone.name } })
  })

export const listClaims = (ctx: TeamCtx) =>
  ctx.reading(async (tx) => (await queries.claimsOf(tx)).map((row) => shown(ctx.services, row)))

export const shown = (services: Services, row: DomainClaimsRow) => ({
  ...{ id: row.id, name: row.name, isProven: row.proven_at !== null, fault: row.fault },
  ...{ missingSince: row.missing_since, checkedAt: row.checked_at, record: recordOf(services, row) },
})

/** @throws UserError 404, also for another team's */
export async function findClaim(ctx: TeamCtx, id: string): Promise<DomainClaimsRow> {
  const found = isId(id) && (await ctx.reading((tx) => queries.maybeClaim(tx, id)))
  if (!found) throw notFound('domain')
  return found
}

/** The team whose own the addresses of that domain are; the domain itself, and none below it. */
export const teamOfDomain = (db: Identity, domain: string): Promise<string | undefined> => queries.teamOf(db, domain)

/** For the schedule. A look takes as long as name servers do, so one at a time and not for ever. */
export async function checkDueClaims(services: Services, signal: AbortSignal): Promise<void> {
  const due = await services.db.asSystem((db) => queries.dueClaims(db, services.clock(), 100))
  for (const claim of due) {
    if (signal.aborted) return
    await settle(services, claim)
  }
}

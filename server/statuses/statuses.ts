import { dropToken, maybeSpeaker } from '../connections/connections.js'
import { addressOf } from '../domains/domains.js'
import type { Outcome } from '../git/hosts/answers.js'
import { paths } from '../paths.js'
import { TeamCtx, type TeamTx } from '../platform/access/ctx.js'
import type { CommitStatusesRow } from '../platform/db/tables.js'
import { UserError } from '../platform/errors.js'
import { append } from '../platform/events/append.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'
import * as queries from './queries.js'
import { claimMs, giveUpMs, keptDays, retryAfterMs } from './rules.js'
import { tellHost } from './telling.js'

export { statusReader } from './reading.js'

/** So many hosts are spoken to at once; a slow one holds up its own only. */
const atOnce = 8

/**
 * Sends all that is due, of each commit and context in order. Each is taken first, so two workers never send the same at
 * once; one that dies with it in hand leaves it to be sent again.
 */
export async function sendDue(services: Services, signal: AbortSignal): Promise<void> {
  const sendNext = async (): Promise<void> => {
    while (!signal.aborted) {
      const row = await takeDue(services)
      if (!row) return
      await sendTaken(services, row, signal)
    }
  }
  await Promise.all(Array.from({ length: atOnce }, sendNext))
}

export const takeDue = (services: Services): Promise<CommitStatusesRow | undefined> => {
  const now = services.clock()
  return services.db.asSystem((db) => queries.claimDue(db, now, new Date(now.getTime() + claimMs)))
}

export const forgetOldStatuses = (services: Services): Promise<number> =>
  services.db.asSystem((db) =>
    queries.deleteEndedBefore(db, new Date(services.clock().getTime() - keptDays * 86_400_000)),
  )

async function sendTaken(services: Services, row: CommitStatusesRow, signal: AbortSignal): Promise<void> {
  const team = await services.db.asSystem((db) => maybeTeam(db, row.team_id))
  if (!team) return
  const ctx = TeamCtx.system(services, team)
  const outcome = await tell(ctx, row, signal).catch((error): Outcome => {
    if (signal.aborted) throw error
    services.log.error({ err: error, status: row.id }, 'could not send')
    return { kind: 'later', why: 'Something went wrong in this panel; its log says what' }
  })
  await ctx.transaction(async (tx) => {
    if (outcome) await record(tx, row, outcome)
    else await queries.recordEnd(tx, row.id, { outcome: 'given-up', why: 'The token was removed', ended_at: ctx.now() })
  })
}

/** Null where there is nothing left to tell with. */
async function tell(ctx: TeamCtx, row: CommitStatusesRow, signal: AbortSignal): Promise<Outcome | null> {
  const { site, remoteId } = await ctx.reading(async (tx) => ({
    site: await queries.siteOf(tx, row),
    remoteId: await queries.maybeRemoteId(tx, row),
  }))
  const speaker = await maybeSpeaker(ctx, row.connection_id, signal).catch(noToken)
  if (!speaker) return null
  if ('why' in speaker) return speaker
  const { baseUrl } = ctx.services.config
  const outcome = await tellHost({
    ...{ outbound: ctx.services.outbound, speaker, row, remoteId, signal, now: ctx.now() },
    targetUrl: new URL(pageOf(ctx, site), baseUrl).href,
    siteUrl: site ? (site.served_url ?? addressOf(site, baseUrl, site.port)) : '',
    remember: (id) => (site ? ctx.transaction((tx) => queries.rememberRemoteId(tx, row, id)) : Promise.resolve()),
  })
  if (outcome.kind === 'later' && outcome.isTokenOver) await dropToken(ctx, speaker)
  return outcome
}

/** What is told of a site that is gone leads to those that are there. */
const pageOf = (ctx: TeamCtx, site: queries.ToldSite | undefined): string =>
  site ? paths.deploy(ctx.team.slug, site.slug, site.number) : paths.sites(ctx.team.slug)

/** GitHub gives the app no token: a person may have to look at the installation there. */
function noToken(error: unknown): Outcome & { kind: 'later' } {
  if (!(error instanceof UserError)) throw error
  return {
    kind: 'later',
    why: [error.message, error.hint?.replace(/\.$/, '')].filter(Boolean).join('. '),
    isLasting: true,
  }
}

async function record(tx: TeamTx, row: CommitStatusesRow, outcome: Outcome): Promise<void> {
  const now = tx.ctx.now()
  if (outcome.kind === 'sent') {
    const isFirst = await queries.recordEnd(tx, row.id, { outcome: 'sent', why: null, ended_at: now })
    if (isFirst) await queries.recordSent(tx, row)
    return
  }
  const isOver = outcome.kind === 'given-up' || now.getTime() - row.created_at.getTime() >= giveUpMs
  if (isOver) await queries.recordEnd(tx, row.id, { outcome: 'given-up', why: outcome.why, ended_at: now })
  else await postpone(tx, row, outcome)
  const isLasting = outcome.kind === 'given-up' || outcome.isLasting
  const why = isOver && !isLasting ? `${outcome.why}. It was tried for a day and then given up` : outcome.why
  if ((await queries.recordFault(tx, row, why)) && (isOver || isLasting)) await tellPeople(tx, row, why)
}

async function postpone(
  tx: TeamTx,
  row: CommitStatusesRow,
  outcome: Outcome & { kind: 'later' | 'given-up' },
): Promise<void> {
  const until = outcome.kind === 'later' ? outcome.until : undefined
  const next = until ?? new Date(tx.ctx.now().getTime() + retryAfterMs(row.attempts))
  await queries.postpone(tx, row.id, next, outcome.why)
  if (until) await queries.postponeAll(tx, row.connection_id, until)
}

async function tellPeople(tx: TeamTx, row: CommitStatusesRow, why: string): Promise<void> {
  const name = await queries.repositoryOf(tx, row.connection_id)
  if (!name) return
  await append(tx, {
    type: 'connection.statuses-failed',
    subject: { kind: 'connection', id: row.connection_id },
    data: { name, why },
  })
}

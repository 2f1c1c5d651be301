import { TeamCtx, type TeamTx } from '../../platform/access/ctx.js'
import type { DnsChallengesRow, DomainsRow } from '../../platform/db/tables.js'
import { conflict, UserError } from '../../platform/errors.js'
import { append } from '../../platform/events/append.js'
import { newId } from '../../platform/ids.js'
import { maybeTeam } from '../../platform/operations/runner-queries.js'
import type { Secret } from '../../platform/secret.js'
import type { Services } from '../../platform/services.js'
import { bringOut, putCertificate } from '../certificates/own.js'
import { checkCertificate } from '../certificates/own-rules.js'
import { holderOf } from '../holders.js'
import { maybeDomainById } from '../queries.js'
import { accountOf } from './account.js'
import { type Obtained, obtainCertificate } from './acme.js'
import * as queries from './challenge-queries.js'
import { challengePlace } from './dns-challenges.js'
import { recordsOf } from './records.js'
import { claimMs, lookAgainMs, mostAtOnce, renewAt, retryAfterMs } from './rules.js'

/**
 * Goes on, one after the other, with every certificate that is due. One that fails keeps the one that is there, and is tried again; one
 * whose record is not seen yet is looked at again, and nobody waits for that.
 */
export async function obtainDue(services: Services, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const now = services.clock()
    const by = { taken_by: newId(), taken_until: new Date(now.getTime() + claimMs) }
    const taken = await services.db.asSystem((db) => queries.takeDue(db, by, now, mostAtOnce))
    if (!taken) return
    const team = await services.db.asSystem((db) => maybeTeam(db, taken.team_id))
    if (team) await goOn(TeamCtx.system(services, team), taken, signal)
  }
}

interface Wanted {
  readonly domain: DomainsRow
  readonly challenge: DnsChallengesRow
  readonly token: Secret
}

async function goOn(ctx: TeamCtx, taken: queries.Taken, signal: AbortSignal): Promise<void> {
  const wanted = await ctx.reading((tx) => readWanted(tx, taken))
  if (!wanted) return
  try {
    const obtained = await obtain(ctx, taken, wanted, signal)
    await ctx.transaction((tx) => (obtained ? keep(tx, taken, wanted, obtained) : lookAgain(tx, taken)))
  } catch (error) {
    if (signal.aborted) throw error
    if (!(error instanceof UserError))
      ctx.services.log.error({ err: error, domainId: taken.domain_id }, 'could not obtain a certificate')
    await ctx.transaction((tx) => postpone(tx, taken, error))
  }
}

async function readWanted(tx: TeamTx, taken: queries.Taken): Promise<Wanted | null> {
  const challenge = await queries.maybeTaken(tx, taken)
  const domain = await maybeDomainById(tx, taken.domain_id)
  if (!challenge || !domain) return null
  const token = tx.ctx.services.vault.open(challenge.token_sealed, challengePlace(domain.id))
  return { domain, challenge, token }
}

async function obtain(
  ctx: TeamCtx,
  taken: queries.Taken,
  wanted: Wanted,
  signal: AbortSignal,
): Promise<Obtained | null> {
  const remember = async (change: Parameters<typeof queries.updateTaken>[2]) => {
    const isOurs = await ctx.transaction((tx) => queries.updateTaken(tx, taken, change))
    if (!isOurs) throw conflict('The token was taken away or replaced meanwhile')
  }
  const { domain, challenge } = wanted
  const records = recordsOf(ctx, wanted, remember, signal)
  // What a worker that was lost has left.
  if (challenge.order_url === null && challenge.record_value !== null) await records.remove(challenge.record_value)
  const open = { url: challenge.order_url, remember: (url: string) => remember({ order_url: url }) }
  const { config } = ctx.services
  return obtainCertificate(config, await accountOf(ctx.services), domain.name, { open, records })
}

async function keep(
  tx: TeamTx,
  taken: queries.Taken,
  { domain }: Wanted,
  { chain, privateKey }: Obtained,
): Promise<void> {
  // Somebody gave one by hand meanwhile, or another token.
  if (!(await queries.lockTaken(tx, taken))) return
  // The clock of the CA may be ahead of ours.
  const soon = new Date(tx.ctx.now().getTime() + 5 * 60_000)
  const checked = checkCertificate({ chain, privateKey }, domain.name, soon)
  await putCertificate(tx, domain, { ...checked, privateKey, source: 'dns' })
  await bringOut(tx, domain)
  await queries.letGo(tx, taken, {
    ...{ attempts: 0, fault: null, order_url: null, obtained_at: tx.ctx.now(), due_at: renewAt(checked) },
  })
  const data = { domain: domain.name, issuer: checked.issuer }
  await append(tx, { type: 'domain.certificate-given', subject: holderOf(domain).subject, data })
}

const lookAgain = (tx: TeamTx, taken: queries.Taken): Promise<void> =>
  queries.letGo(tx, taken, { fault: null, due_at: new Date(tx.ctx.now().getTime() + lookAgainMs) })

/** The next try begins anew. */
async function postpone(tx: TeamTx, taken: queries.Taken, error: unknown): Promise<void> {
  const row = await queries.maybeTaken(tx, taken)
  if (!row) return
  const fault =
    error instanceof UserError
      ? [error.message, error.hint].filter(Boolean).join('. ')
      : 'Something went wrong in this panel; its log says what'
  const attempts = row.attempts + 1
  const due_at = new Date(tx.ctx.now().getTime() + retryAfterMs(attempts))
  await queries.letGo(tx, taken, { attempts, fault, due_at, order_url: null, record_set_at: null })
}

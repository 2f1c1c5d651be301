import { setTimeout as sleep } from 'node:timers/promises'
import { TeamCtx, type TeamTx } from '../../platform/access/ctx.js'
import type { DnsChallengesRow, DomainsRow } from '../../platform/db/tables.js'
import { UserError } from '../../platform/errors.js'
import { append } from '../../platform/events/append.js'
import { maybeTeam } from '../../platform/operations/runner-queries.js'
import type { Secret } from '../../platform/secret.js'
import type { Services } from '../../platform/services.js'
import { bringOut, putCertificate } from '../certificates/own.js'
import { checkCertificate } from '../certificates/own-rules.js'
import { Names } from '../dns/lookup.js'
import { holderOf } from '../holders.js'
import { baseOf } from '../names.js'
import { maybeDomainById } from '../queries.js'
import { type Account, directoryOf, newAccountKey, type Obtained, obtainCertificate, type Records } from './acme.js'
import { askProvider } from './asking.js'
import * as queries from './challenge-queries.js'
import { challengePlace } from './dns-challenges.js'
import { type DnsProviderName, dnsProviders } from './providers/providers.js'
import { claimMs, renewAt, retryAfterMs, seenWithinMs } from './rules.js'

/** Obtains, one after the other, every certificate that is due. One that fails keeps the one that is there, and is tried again. */
export async function obtainDue(services: Services, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const now = services.clock()
    const until = new Date(now.getTime() + claimMs)
    const due = await services.db.asSystem((db) => queries.claimDue(db, now, until))
    if (!due) return
    const team = await services.db.asSystem((db) => maybeTeam(db, due.team_id))
    if (team) await obtain(TeamCtx.system(services, team), due.domain_id, signal)
  }
}

interface Wanted {
  readonly domain: DomainsRow
  readonly challenge: DnsChallengesRow
  readonly token: Secret
}

async function obtain(ctx: TeamCtx, domainId: string, signal: AbortSignal): Promise<void> {
  const wanted = await ctx.reading((tx) => readWanted(tx, domainId))
  if (!wanted) return
  try {
    const records = recordsOf(ctx, wanted, signal)
    // What a worker that was lost has left.
    if (wanted.challenge.record_value) await records.remove(wanted.challenge.record_value)
    const { config } = ctx.services
    const obtained = await obtainCertificate(config, await accountOf(ctx.services), wanted.domain.name, records)
    await ctx.transaction((tx) => keep(tx, wanted, obtained))
  } catch (error) {
    if (signal.aborted) throw error
    if (!(error instanceof UserError))
      ctx.services.log.error({ err: error, domainId }, 'could not obtain a certificate')
    await ctx.transaction((tx) => postpone(tx, domainId, error))
  }
}

async function readWanted(tx: TeamTx, domainId: string): Promise<Wanted | null> {
  const challenge = await queries.maybeChallenge(tx, domainId)
  const domain = await maybeDomainById(tx, domainId)
  if (!challenge || !domain) return null
  return { domain, challenge, token: tx.ctx.services.vault.open(challenge.token_sealed, challengePlace(domainId)) }
}

function recordsOf(ctx: TeamCtx, { domain, challenge, token }: Wanted, signal: AbortSignal): Records {
  const provider = dnsProviders[challenge.provider as DnsProviderName] // `as`: the column takes no other
  const base = challenge.api_url ?? provider.base ?? ''
  const ask = askProvider(ctx.services.outbound, provider, { base, token }, signal)
  const name = `_acme-challenge.${baseOf(domain.name)}`
  const remember = (value: string | null) =>
    ctx.transaction((tx) => queries.updateChallenge(tx, domain.id, { record_value: value }))
  return {
    present: async (value) => {
      await remember(value)
      await provider.present(ask, { name, value })
      await untilSeen(ctx.services, { name, value }, signal)
    },
    remove: async (value) => {
      await provider.remove(ask, { name, value })
      await remember(null)
    },
  }
}

/** Whoever asks too early is refused, and by some for a while. */
async function untilSeen(
  { config }: Services,
  { name, value }: { name: string; value: string },
  signal: AbortSignal,
): Promise<void> {
  const names = new Names(config.resolvers)
  for (const began = performance.now(); performance.now() - began < seenWithinMs; ) {
    if ((await names.textsOf(name)).includes(value)) return
    await sleep(1000, undefined, { signal })
  }
  throw new UserError(
    504,
    `The record ${name} was set, but DNS does not show it after ${seenWithinMs / 60_000} minutes`,
    'See whether the domain really is where the token is from.',
  )
}

async function keep(tx: TeamTx, { domain }: Wanted, { chain, privateKey }: Obtained): Promise<void> {
  // Somebody gave one by hand meanwhile, or forgot the token.
  if (!(await queries.lockChallenge(tx, domain.id))) return
  // The clock of the CA may be ahead of ours.
  const soon = new Date(tx.ctx.now().getTime() + 5 * 60_000)
  const checked = checkCertificate({ chain, privateKey }, domain.name, soon)
  await putCertificate(tx, domain, { ...checked, privateKey, source: 'dns' })
  await bringOut(tx, domain)
  await queries.updateChallenge(tx, domain.id, {
    ...{ attempts: 0, fault: null, obtained_at: tx.ctx.now(), due_at: renewAt(checked) },
  })
  const data = { domain: domain.name, issuer: checked.issuer }
  await append(tx, { type: 'domain.certificate-given', subject: holderOf(domain).subject, data })
}

async function postpone(tx: TeamTx, domainId: string, error: unknown): Promise<void> {
  const row = await queries.maybeChallenge(tx, domainId)
  if (!row) return
  const fault =
    error instanceof UserError
      ? [error.message, error.hint].filter(Boolean).join('. ')
      : 'Something went wrong in this panel; its log says what'
  const due_at = new Date(tx.ctx.now().getTime() + retryAfterMs(row.attempts))
  await queries.updateChallenge(tx, domainId, { fault, due_at })
}

/** One for each CA; several workers may make it in one moment, and the first counts. */
async function accountOf({ db, vault, config, clock }: Services): Promise<Account> {
  const url = directoryOf(config)
  const place = { table: 'acme_accounts', id: url, column: 'key_sealed' }
  const find = () => db.asSystem((trx) => queries.maybeAccount(trx, url))
  if (!(await find())) {
    const key_sealed = vault.seal(await newAccountKey(), place)
    await db.asSystem((trx) => queries.insertAccount(trx, { directory_url: url, key_sealed, created_at: clock() }))
  }
  const row = await find()
  if (!row) throw new Error('The account was not written')
  return {
    key: vault.open(row.key_sealed, place),
    url: row.account_url,
    remember: (accountUrl) => db.asSystem((trx) => queries.setAccountUrl(trx, url, accountUrl)),
  }
}

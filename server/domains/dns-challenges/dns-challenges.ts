import type { TeamCtx, TeamTx } from '../../platform/access/ctx.js'
import type { DnsChallengesRow } from '../../platform/db/tables.js'
import { conflict, FieldError, notFound } from '../../platform/errors.js'
import { OutboundFault } from '../../platform/outbound/fault.js'
import { changeHeld, type FindHolder } from '../holders.js'
import { obtainCertificates } from '../jobs.js'
import { isWildcard } from '../names.js'
import { ring } from '../ring.js'
import * as queries from './challenge-queries.js'
import type { NewDnsChallenge } from './challenge-schema.js'
import { dnsProviders } from './providers/providers.js'

/** With whom records are set for a wildcard, so that its certificate is obtained and renewed by itself. */

export const setDnsChallenge = (ctx: TeamCtx, find: FindHolder, wanted: NewDnsChallenge): Promise<void> =>
  changeHeld(ctx, find, 'domain.dns-challenge-set', async (tx, domain) => {
    if (!isWildcard(domain.name))
      throw conflict(`${domain.name} needs no record for its certificate`, 'Caddy obtains it by itself.')
    const apiUrl = addressFor(ctx, wanted)
    await queries.putChallenge(tx, {
      ...{ domain_id: domain.id, team_id: ctx.team.id, provider: wanted.provider, api_url: apiUrl },
      token_sealed: ctx.services.vault.seal(wanted.token, challengePlace(domain.id)),
      ...{ set_by: ctx.actor.name, set_at: ctx.now(), due_at: ctx.now() },
    })
    ring(tx, obtainCertificates, domain.id)
    return { provider: dnsProviders[wanted.provider].label }
  })

/** The certificate that is there stays until it ends. */
export const removeDnsChallenge = (ctx: TeamCtx, find: FindHolder): Promise<void> =>
  changeHeld(ctx, find, 'domain.dns-challenge-removed', async (tx, domain) => {
    if (!(await queries.deleteChallenge(tx, domain.id))) throw notFound('credential')
    return {}
  })

/** Tries now what would be tried later. */
export const retryDnsChallenge = (ctx: TeamCtx, find: FindHolder): Promise<void> =>
  changeHeld(ctx, find, 'domain.dns-challenge-retried', async (tx, domain) => {
    if (!(await obtainNow(tx, domain.id))) throw notFound('credential')
    return {}
  })

/** False where nobody is asked for one by DNS. */
export async function obtainNow(tx: TeamTx, domainId: string): Promise<boolean> {
  if (!(await queries.makeDue(tx, domainId, tx.ctx.now()))) return false
  ring(tx, obtainCertificates, domainId)
  return true
}

function addressFor(ctx: TeamCtx, { provider, apiUrl }: NewDnsChallenge): string | null {
  const { base, label } = dnsProviders[provider]
  if (base !== null && apiUrl !== null)
    throw new FieldError('apiUrl', `Leave it empty: ${label} has an address of its own`)
  if (base !== null) return null
  if (apiUrl === null) throw new FieldError('apiUrl', 'Say where your program listens')
  try {
    return ctx.services.outbound.check(apiUrl).href
  } catch (error) {
    throw error instanceof OutboundFault ? new FieldError('apiUrl', error.message) : error
  }
}

export const challengePlace = (domainId: string) => ({
  table: 'dns_challenges',
  id: domainId,
  column: 'token_sealed',
})

/** Never the token. */
export const challengeView = (row: DnsChallengesRow | undefined) =>
  row
    ? {
        provider: row.provider,
        providerLabel: dnsProviders[row.provider].label,
        setBy: row.set_by,
        setAt: row.set_at,
        obtainedAt: row.obtained_at,
        nextAt: row.due_at,
        isWaiting: row.record_set_at !== null,
        fault: row.fault,
      }
    : null

import { setTimeout as sleep } from 'node:timers/promises'
import type { TeamCtx } from '../../platform/access/ctx.js'
import type { DnsChallengesRow, DomainsRow } from '../../platform/db/tables.js'
import { UserError } from '../../platform/errors.js'
import type { Secret } from '../../platform/secret.js'
import { Names } from '../dns/lookup.js'
import { baseOf } from '../names.js'
import type { Records } from './acme.js'
import { askProvider } from './asking.js'
import { type DnsProviderName, dnsProviders } from './providers/providers.js'
import { lookMs, seenWithinMs } from './rules.js'

interface Wanted {
  readonly domain: DomainsRow
  readonly challenge: DnsChallengesRow
  readonly token: Secret
}

type Remembered = Partial<Pick<DnsChallengesRow, 'record_value' | 'record_set_at'>>

/** The record of a challenge, with whoever runs the DNS of the name. What is set is remembered before, so that it is taken away. */
export function recordsOf(
  ctx: TeamCtx,
  { domain, challenge, token }: Wanted,
  remember: (change: Remembered) => Promise<void>,
  signal: AbortSignal,
): Records {
  const provider = dnsProviders[challenge.provider as DnsProviderName] // `as`: the column takes no other
  const base = challenge.api_url ?? provider.base ?? ''
  const ask = askProvider(ctx.services.outbound, provider, { base, token }, signal)
  const name = `_acme-challenge.${baseOf(domain.name)}`
  return {
    show: async (value) => {
      const isSet = challenge.record_value === value && challenge.record_set_at !== null
      if (!isSet) {
        await remember({ record_value: value })
        await provider.present(ask, { name, value })
        await remember({ record_set_at: ctx.now() })
      }
      if (await isSeen(ctx, { name, value }, signal)) return true
      const since = isSet ? challenge.record_set_at : null
      if (since !== null && ctx.now().getTime() - since.getTime() >= seenWithinMs) throw notSeen(name)
      return false
    },
    remove: async (value) => {
      await provider.remove(ask, { name, value })
      await remember({ record_value: null, record_set_at: null })
    },
  }
}

/** Whoever asks the CA too early is refused, and by some for a while. */
async function isSeen(
  { services: { config } }: TeamCtx,
  { name, value }: { name: string; value: string },
  signal: AbortSignal,
): Promise<boolean> {
  const names = new Names(config.resolvers)
  for (const began = performance.now(); performance.now() - began < lookMs; ) {
    if ((await names.textsOf(name)).includes(value)) return true
    await sleep(1000, undefined, { signal })
  }
  return false
}

const notSeen = (name: string): UserError =>
  new UserError(
    504,
    `The record ${name} was set, but DNS does not show it after ${seenWithinMs / 60_000} minutes`,
    'See whether the domain really is where the token is from.',
  )

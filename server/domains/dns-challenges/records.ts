import { isIP } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'
import type { TeamCtx } from '../../platform/access/ctx.js'
import type { DnsChallengesRow, DomainsRow } from '../../platform/db/tables.js'
import { UserError } from '../../platform/errors.js'
import type { Secret } from '../../platform/secret.js'
import type { Services } from '../../platform/services.js'
import { type Asking, lookAtAuthority, type Sight } from '../dns/authority.js'
import { Names } from '../dns/lookup.js'
import { baseOf } from '../names.js'
import type { Records } from './acme.js'
import { askProvider } from './asking.js'
import { type DnsProviderName, dnsProviders } from './providers/providers.js'
import { lookMs, resolversAfterMs, seenWithinMs } from './rules.js'

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
      const setAt = challenge.record_value === value ? challenge.record_set_at : null
      if (setAt === null) {
        await remember({ record_value: value })
        await provider.present(ask, { name, value })
        await remember({ record_set_at: ctx.now() })
      }
      const setMs = setAt === null ? 0 : ctx.now().getTime() - setAt.getTime()
      const sight = await untilSeen(ctx, { name, value, setMs }, signal)
      if (sight !== 'seen' && setMs >= seenWithinMs) throw notSeen[sight](name)
      return sight === 'seen'
    },
    remove: async (value) => {
      await provider.remove(ask, { name, value })
      await remember({ record_value: null, record_set_at: null })
    },
  }
}

interface Looked {
  name: string
  value: string
  setMs: number
}

/** Whoever asks the CA too early is refused, and by some for a while. */
async function untilSeen({ services }: TeamCtx, { name, value, setMs }: Looked, signal: AbortSignal): Promise<Sight> {
  const asking = askingOf(services)
  for (const began = performance.now(); ; ) {
    const sight = await lookAtAuthority(asking, name, value)
    if (sight === 'silent') return setMs >= resolversAfterMs ? lookAtResolvers(asking.resolvers, name, value) : sight
    if (sight === 'seen' || performance.now() - began >= lookMs) return sight
    await sleep(1000, undefined, { signal })
  }
}

async function lookAtResolvers(resolvers: readonly string[], name: string, value: string): Promise<Sight> {
  const answer = await new Names(resolvers).texts(name)
  return answer.kind === 'records' && answer.records.includes(value) ? 'seen' : 'silent'
}

/** Of addresses that are not on the internet, the operator's own resolvers are asked, and what HOSTLER_OUTBOUND_ALLOW names. */
function askingOf({ config: { resolvers = [], dnsPort = 53 }, outbound }: Services): Asking {
  const mayAsk = (address: string): boolean => {
    try {
      outbound.check(`https://${isIP(address) === 6 ? `[${address}]` : address}/`)
      return true
    } catch {
      return resolvers.some(
        (resolver) => resolver.replace(/^\[|\](:\d+)?$/g, '') === address || resolver.startsWith(`${address}:`),
      )
    }
  }
  return { resolvers, port: dnsPort, mayAsk }
}

const within = `${seenWithinMs / 60_000} minutes`

const notSeen: Record<Exclude<Sight, 'seen'>, (name: string) => UserError> = {
  'not-seen': (name) =>
    new UserError(
      504,
      `The record ${name} was set, but the name servers of the domain do not show it after ${within}`,
      'See whether the domain really is where the token is from.',
    ),
  silent: (name) =>
    new UserError(
      504,
      `The record ${name} was set, but no name server of the domain answers this panel, and its resolvers do not show it after ${within}`,
      'The machine of the panel has to reach name servers on port 53; those in a private network are asked where HOSTLER_OUTBOUND_ALLOW names them.',
    ),
}

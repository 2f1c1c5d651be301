import { UserError } from '../../platform/errors.js'
import { OutboundFault } from '../../platform/outbound/fault.js'
import { jsonOf } from '../../platform/outbound/json.js'
import type { Outbound, OutboundAnswer } from '../../platform/outbound/outbound.js'
import type { Secret } from '../../platform/secret.js'
import type { Ask, DnsProvider } from './providers/provider.js'

/** Speaks to a provider, and says in words what it refused. Its own words are another's, and are left out. */
export function askProvider(
  outbound: Outbound,
  provider: DnsProvider,
  { base, token }: { base: string; token: Secret },
  signal: AbortSignal,
): Ask {
  return async (method, path, body) => {
    const url = `${base.replace(/\/+$/, '')}${path}`
    const headers = { ...provider.headers(token), ...(body ? { 'content-type': 'application/json' } : {}) }
    const answer = await outbound
      .send({ method, url, headers, signal, ...(body ? { body: JSON.stringify(body) } : {}) })
      .catch((error: unknown) => {
        throw error instanceof OutboundFault ? new UserError(502, error.message) : error
      })
    if (answer.status < 200 || answer.status >= 300) throw refused(provider, answer)
    return jsonOf(answer)
  }
}

function refused({ label, token }: DnsProvider, { status }: OutboundAnswer): UserError {
  if (status === 401 || status === 403)
    return new UserError(422, `${label} does not accept the token, or it may not do this`, `It has to be: ${token}.`)
  if (status === 429) return new UserError(503, `${label} takes no more requests for now`)
  return new UserError(502, `${label} answered ${status}`)
}

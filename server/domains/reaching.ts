import { isIP } from 'node:net'
import { isPublicAddress, spelled } from '../platform/outbound/addresses.js'
import type { OutboundAnswer } from '../platform/outbound/outbound.js'
import type { Services } from '../platform/services.js'
import { serverAddress } from './address.js'
import { challengePath } from './challenge.js'
import { addressesIn, isSilent, type Names, type Seen } from './dns/lookup.js'
import type { DueDomain } from './held-queries.js'
import { isWildcard } from './names.js'

/** Where visitors of a domain should come to, and whether they do. */

export async function addressesOf(services: Services, names: Names, domain: DueDomain): Promise<string[]> {
  const server = serverAddress({ kind: domain.server_kind, address: domain.server_address }, services.config.baseUrl)
  if (isIP(server)) return [server]
  return server === 'localhost' ? ['127.0.0.1', '::1'] : names.addressesOf(server)
}

/** Whether our edge answers by a name: what could be a passing fault, or somebody in between, says neither. */
export type Answering = 'yes' | 'no' | 'unknown'

/**
 * The name leads to our edge, which alone knows the token. Asked are addresses of the server itself, or public ones: a proxy may
 * stand in front. A page that repeats what it was asked proves nothing, as the token is not in the address.
 */
export async function answersForIt(
  services: Services,
  domain: DueDomain,
  { addresses, seen }: { addresses: readonly string[]; seen: Seen },
): Promise<Answering> {
  // No edge answers by those.
  if (domain.edge !== 'caddy' || isWildcard(domain.name)) return 'no'
  const [address, ...others] = addressesIn(seen)
  if (address === undefined) return isSilent(seen) ? 'unknown' : 'no'
  const ours = new Set(addresses.map(spelled))
  if (![address, ...others].every((one) => ours.has(spelled(one)) || isPublicAddress(one))) return 'unknown'
  try {
    const port = services.config.webPorts?.http ?? 80
    const url = `http://${isIP(address) === 6 ? `[${address}]` : address}:${port}${challengePath(domain.id)}`
    const asked = { method: 'GET', url, headers: { host: domain.name }, allow: address } as const
    return answeringOf(await services.outbound.send(asked), domain.token)
  } catch (error) {
    services.log.debug({ err: error, domainId: domain.id }, 'nobody answered for a domain')
    return 'unknown'
  }
}

function answeringOf({ status, body }: OutboundAnswer, token: string): Answering {
  if (status === 200) return body === token ? 'yes' : 'no'
  return status === 404 || status === 410 || status === 421 ? 'no' : 'unknown'
}

import { isIP } from 'node:net'
import { isPublicAddress } from '../platform/outbound/addresses.js'
import type { Services } from '../platform/services.js'
import { serverAddress } from './address.js'
import { challengePath } from './challenge.js'
import type { Names } from './dns/lookup.js'
import type { DueDomain } from './held-queries.js'
import { isWildcard } from './names.js'

/** Where visitors of a domain should come to, and whether they do. */

export async function addressesOf(services: Services, names: Names, domain: DueDomain): Promise<string[]> {
  const server = serverAddress({ kind: domain.server_kind, address: domain.server_address }, services.config.baseUrl)
  if (isIP(server)) return [server]
  return server === 'localhost' ? ['127.0.0.1', '::1'] : names.addressesOf(server)
}

/**
 * The name leads to our edge, which alone knows the token. Asked are addresses of the server itself, or public ones: a proxy may
 * stand in front. A page that repeats what it was asked proves nothing, as the token is not in the address.
 */
export async function answersForIt(
  services: Services,
  domain: DueDomain,
  { addresses, names }: { addresses: readonly string[]; names: Names },
): Promise<boolean> {
  if (domain.edge !== 'caddy' || isWildcard(domain.name)) return false
  const found = await names.addressesOf(domain.name)
  const [address] = found.filter((one) => addresses.includes(one) || isPublicAddress(one))
  if (address === undefined || found.some((one) => !addresses.includes(one) && !isPublicAddress(one))) return false
  try {
    const port = services.config.webPorts?.http ?? 80
    const url = `http://${isIP(address) === 6 ? `[${address}]` : address}:${port}${challengePath(domain.id)}`
    const asked = { method: 'GET', url, headers: { host: domain.name }, allow: address } as const
    const { status, body } = await services.outbound.send(asked)
    return status === 200 && body === domain.token
  } catch (error) {
    services.log.debug({ err: error, domainId: domain.id }, 'nobody answered for a domain')
    return false
  }
}

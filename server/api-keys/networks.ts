import { BlockList, isIP } from 'node:net'
import { plainAddress } from '../platform/net.js'

/** `10.0.0.0/8`, `2001:db8::/32` or one address. Null for what is none. */
export function networkOf(text: string): { address: string; bits: number; family: 'ipv4' | 'ipv6' } | null {
  const [address = '', suffix, more] = text.trim().split('/')
  const version = isIP(address)
  if (version === 0 || more !== undefined || address.includes('%')) return null
  const most = version === 4 ? 32 : 128
  const bits = suffix === undefined ? most : /^\d{1,3}$/.test(suffix) ? Number(suffix) : -1
  return bits < 0 || bits > most ? null : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' }
}

/** Whether a key may be used from there. No networks: from everywhere. An IPv4 address may come mapped into IPv6 (RL-09). */
export function isFrom(networks: readonly string[], from: string | null): boolean {
  if (networks.length === 0) return true
  if (from === null) return false
  const address = plainAddress(from)
  const list = new BlockList()
  for (const network of networks.map(networkOf))
    if (network) list.addSubnet(network.address, network.bits, network.family)
  return isIP(address) !== 0 && list.check(address, isIP(address) === 4 ? 'ipv4' : 'ipv6')
}

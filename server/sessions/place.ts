import { BlockList, isIPv4, isIPv6 } from 'node:net'
import { plainAddress } from '../platform/net.js'

/** Addresses that a house, an office or a machine gives out by itself (RFC 1918, 3927, 4193, 4291, 6598). */
const local = new BlockList()
for (const [network, bits] of [
  ['10.0.0.0', 8],
  ['172.16.0.0', 12],
  ['192.168.0.0', 16],
  ['169.254.0.0', 16],
  ['100.64.0.0', 10],
] as const)
  local.addSubnet(network, bits, 'ipv4')
local.addSubnet('fc00::', 7, 'ipv6')
local.addSubnet('fe80::', 10, 'ipv6')

const own = new BlockList()
own.addSubnet('127.0.0.0', 8, 'ipv4')
own.addAddress('::1', 'ipv6')

/** What an address says of the place by itself; null for one on the internet, and for what is none. */
export function placeOf(ip: string | null): string | null {
  const text = plainAddress(ip ?? '').split('%')[0] ?? ''
  const family = isIPv4(text) ? 'ipv4' : isIPv6(text) ? 'ipv6' : null
  if (family === null) return null
  if (own.check(text, family)) return 'This machine'
  return local.check(text, family) ? 'Local network' : null
}

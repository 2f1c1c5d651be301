import { plainAddress } from './net.js'

/**
 * Whom an address stands for: an IPv4 address itself, also when it comes mapped into IPv6, and the /64 that a household
 * or a server is given of IPv6, in which one can change addresses at will (RL-03).
 */
export function addressBucket(ip: string): string {
  const address = plainAddress(ip)
  if (!address.includes(':')) return address
  const [head = '', tail = ''] = (address.toLowerCase().split('%')[0] ?? '').split('::')
  const left = head.split(':').filter(Boolean)
  const right = tail.split(':').filter(Boolean)
  const zeros = Array.from({ length: Math.max(0, 8 - left.length - right.length) }, () => '0')
  const groups = [...left, ...zeros, ...right].slice(0, 4)
  return `${groups.map((group) => group.replace(/^0+(?=.)/, '')).join(':')}::/64`
}

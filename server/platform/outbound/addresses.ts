import { BlockList, isIP } from 'node:net'

/**
 * HTTP to addresses that users gave. Names are resolved first, each address is looked at, and the connection goes to that very
 * address, so that a name cannot be another one a moment later.
 */

const closed = new BlockList()
for (const [network, bits] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
] as const)
  closed.addSubnet(network, bits, 'ipv4')

/** What the internet routes. In it lie ways back to IPv4, which may lead to private networks. */
const routed = new BlockList()
routed.addSubnet('2000::', 3, 'ipv6')
const ways = new BlockList()
for (const [network, bits] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
] as const)
  ways.addSubnet(network, bits, 'ipv6')

/** Whether anybody on the internet could be there; false for anything that is no address. */
export function isPublicAddress(address: string): boolean {
  switch (isIP(address)) {
    case 4:
      return !closed.check(address, 'ipv4')
    case 6:
      return routed.check(address, 'ipv6') && !ways.check(address, 'ipv6')
    default:
      return false
  }
}

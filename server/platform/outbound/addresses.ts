import { BlockList, isIP, isIPv4, isIPv6 } from 'node:net'

/** https://www.iana.org/assignments/iana-ipv4-special-registry, multicast, what is reserved, and Azure's metadata address. */
const notPublicV4 = listOf('ipv4', [
  ...['0.0.0.0/8', '10.0.0.0/8', '100.64.0.0/10', '127.0.0.0/8', '169.254.0.0/16', '172.16.0.0/12', '192.0.0.0/24'],
  ...['192.0.2.0/24', '192.88.99.0/24', '192.168.0.0/16', '198.18.0.0/15', '198.51.100.0/24', '203.0.113.0/24'],
  ...['224.0.0.0/4', '240.0.0.0/4', '168.63.129.16/32'],
])

/** All that IANA has given out for the internet, without its tunnels, which lead to any IPv4 address, and documentation. */
const publicV6 = listOf('ipv6', ['2000::/3'])
const notPublicV6 = listOf('ipv6', ['2001::/23', '2001:db8::/32', '2002::/16', '3fff::/20'])

/** Whether the address is one on the internet. Whatever is not known to be one is none. */
export function isPublicAddress(address: string): boolean {
  if (isIPv4(address)) return !notPublicV4.check(address, 'ipv4')
  if (!isIPv6(address)) return false
  const inner = innerV4(address)
  if (inner !== null) return isPublicAddress(inner)
  return publicV6.check(address, 'ipv6') && !notPublicV6.check(address, 'ipv6')
}

/** The IPv4 address that an IPv4-mapped (RFC 4291) or NAT64 (RFC 6052) address leads to; null for any other. */
export function innerV4(address: string): string | null {
  if (!isIPv6(address)) return null
  const match = /^\[(?:::ffff|64:ff9b:):([0-9a-f]{1,4}):([0-9a-f]{1,4})]$/.exec(spelled(address))
  if (!match) return null
  const [high = 0, low = 0] = match.slice(1).map((group) => Number.parseInt(group, 16))
  return [high >> 8, high & 255, low >> 8, low & 255].join('.')
}

/** Each address in one way, for comparing: the URL parser has one for every IPv6 address. A zone is no part of it. */
export const spelled = (address: string): string =>
  isIP(address) === 6 ? new URL(`http://[${address.replace(/%.*$/, '')}]`).hostname : address

function listOf(family: 'ipv4' | 'ipv6', networks: readonly string[]): BlockList {
  const list = new BlockList()
  for (const network of networks) {
    const [address = '', bits] = network.split('/')
    list.addSubnet(address, Number(bits), family)
  }
  return list
}

import { isIP } from 'node:net'
import { isApex, isWildcard, proofName } from './names.js'
import type { DnsRecord } from './schema.js'

/** What has to stand in DNS. Pure: the page shows it, the check compares with it. */

export const proofRecord = ({ name, token }: { name: string; token: string }): DnsRecord => ({
  type: 'TXT',
  name: proofName(name),
  value: `hostler=${token}`,
})

/** Addresses where the server is known by them; else a CNAME to its name, which DNS does not allow at an apex. */
export function pointingRecords(name: string, server: string, addresses: readonly string[]): DnsRecord[] {
  // Nobody else finds it by that name.
  if (server === 'localhost') return []
  const family = isIP(server)
  if (family !== 0) return [addressRecord(name, server)]
  if (!isApex(name) || isWildcard(name)) return server ? [{ type: 'CNAME', name, value: server }] : []
  return addresses.map((address) => addressRecord(name, address))
}

const addressRecord = (name: string, address: string): DnsRecord => ({
  type: isIP(address) === 6 ? 'AAAA' : 'A',
  name,
  value: address,
})

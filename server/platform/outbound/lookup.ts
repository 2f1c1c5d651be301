import type { LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import type { Allowances } from './allowances.js'
import { OutboundFault } from './fault.js'
import { checkAddress } from './target.js'

/**
 * Asks for all addresses of a name and refuses it when any of them may not be reached: which one is connected to is not
 * ours to know. What is handed on is what was checked, and the name is not asked for again.
 */
export const checkedLookup =
  (lookup: LookupFunction, allowances: Allowances): LookupFunction =>
  (hostname, options, callback) =>
    lookup(hostname, { ...options, all: true }, (error, found) => {
      const fault = error ?? faultIn(hostname, found, allowances)
      if (fault) return callback(fault, [])
      const addresses = found as LookupAddress[] // `as`: all were asked for
      const [first] = addresses
      if (options.all || !first) return callback(null, addresses)
      return callback(null, first.address, first.family)
    })

function faultIn(hostname: string, found: string | LookupAddress[], allowances: Allowances): Error | null {
  const host = hostname.toLowerCase().replace(/\.$/, '')
  const addresses = typeof found === 'string' ? [{ address: found }] : found
  if (addresses.length === 0) return new OutboundFault('unreachable', `${host} has no address`)
  try {
    for (const { address } of addresses) checkAddress(host, address, allowances)
    return null
  } catch (error) {
    return error as Error // `as`: it throws nothing else
  }
}

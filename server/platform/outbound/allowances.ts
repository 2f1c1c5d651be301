import { BlockList, isIP, isIPv4 } from 'node:net'
import { innerV4, spelled } from './addresses.js'

/** What the operator lets requests reach although it is not on the internet. Nothing is, unless it is said. */
export interface Allowances {
  /** Whether that host may have any address at all. */
  hasHost(name: string): boolean
  hasAddress(address: string): boolean
  /** Whether it may be spoken to without encryption. */
  hasPlainHttp(host: string): boolean
}

const hostName = /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/

/**
 * Reads `gitlab.internal, 10.1.0.0/16, http://git.lan`: host names, addresses and networks, each with `http://` before it
 * where it speaks no HTTPS. Throws `TypeError` that names what is none of them.
 */
export function parseAllowances(text: string): Allowances {
  const [all, plain] = [new Entries(), new Entries()]
  for (const entry of text.split(',').map((part) => part.trim().toLowerCase())) {
    if (entry === '') continue
    const isPlain = entry.startsWith('http://')
    const what = isPlain ? entry.slice('http://'.length) : entry
    if (!all.add(what)) throw new TypeError(`“${entry}” is no host name, address or network`)
    if (isPlain) plain.add(what)
  }
  return {
    hasHost: (name) => all.names.has(name),
    hasAddress: (address) => all.holds(address),
    hasPlainHttp: (host) => plain.names.has(host) || plain.holds(host),
  }
}

/** The same and, for one request, one address. */
export const allowing = (address: string | undefined, allowances: Allowances): Allowances =>
  address === undefined
    ? allowances
    : {
        hasHost: () => false,
        hasAddress: (other) => spelled(other) === spelled(address),
        hasPlainHttp: (host) => spelled(host) === spelled(address),
      }

class Entries {
  readonly names = new Set<string>()
  readonly #networks = new BlockList()

  /** False for what is nothing of the kind. */
  add(entry: string): boolean {
    const [address = '', bits, ...more] = entry.replace(/^\[(.*)\]$/, '$1').split('/')
    const longest = isIPv4(address) ? 32 : 128
    if (isIP(address) === 0) {
      // What looks like an address and is none would be a name that nobody has.
      if (!hostName.test(entry) || /(^|\.)[\d.]+$/.test(entry)) return false
      this.names.add(entry)
      return true
    }
    const prefix = bits === undefined ? longest : /^\d{1,3}$/.test(bits) ? Number(bits) : Number.NaN
    if (more.length > 0 || !(prefix <= longest)) return false
    this.#networks.addSubnet(address, prefix, isIPv4(address) ? 'ipv4' : 'ipv6')
    return true
  }

  holds(address: string): boolean {
    const plain = innerV4(address) ?? address
    return isIP(plain) !== 0 && this.#networks.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6')
  }
}

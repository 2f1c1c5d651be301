import { isIP } from 'node:net'
import { isPublicAddress } from './addresses.js'
import type { Allowances } from './allowances.js'
import { OutboundFault } from './fault.js'

const longest = 2000

/** Names that mean this machine or its surroundings whatever they resolve to, and a cloud's metadata. */
const nearby = /(^|\.)(localhost|local|internal|lan|home\.arpa|metadata\.goog)$/

/**
 * An address that a request may be sent to, as far as its text tells; what its name resolves to is checked while
 * connecting. Throws `OutboundFault` with a sentence for the field.
 */
export function parseTarget(text: string, allowances: Allowances): URL {
  if (text.length > longest) refuse(`The address has more than ${longest} characters`)
  // The URL parser would take some of these away without a word.
  if (/[\0-\x20\x7f-\x9f\u2028\u2029\\]|%(0[0-9a-f]|1[0-9a-f]|7f)/i.test(text))
    refuse('The address contains a space, a line break, a backslash or a control character')
  if (!/^https?:\/\//i.test(text) || !URL.canParse(text)) refuse('The address does not start with https://')
  const url = new URL(text)
  if (url.username !== '' || url.password !== '' || /^[^/]*\/\/[^/]*@/.test(text))
    refuse('Leave out the part before the @: credentials have their own field')
  const host = hostOf(url)
  if (url.protocol === 'http:' && !allowances.hasPlainHttp(host))
    refuse('The address does not start with https://, and nobody may read along')
  checkHost(host, allowances)
  return url
}

/** The host as a resolver is asked for it: no brackets around an address, no dot at the end. */
export const hostOf = (url: URL): string => url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '')

function checkHost(host: string, allowances: Allowances): void {
  if (allowances.hasHost(host)) return
  if (isIP(host) !== 0) checkAddress(host, host, allowances)
  else if (host === '' || !host.includes('.') || nearby.test(host))
    refuse(`${host} is not a host on the internet. ${howToAllow}`)
}

/** Throws for an address that the host may not have. */
export function checkAddress(host: string, address: string, allowances: Allowances): void {
  if (isPublicAddress(address) || allowances.hasHost(host) || allowances.hasAddress(address)) return
  refuse(
    host === address
      ? `${host} is not an address on the internet. ${howToAllow}`
      : `${host} leads to ${address}, which is not on the internet. ${howToAllow}`,
  )
}

const howToAllow = 'Whoever runs this panel can allow it with HOSTLER_OUTBOUND_ALLOW'

function refuse(why: string): never {
  throw new OutboundFault('refused', why)
}

import type { IncomingMessage } from 'node:http'

/** A cookie to set. `value: null` removes it. */
export interface NewCookie {
  readonly name: string
  readonly value: string | null
  /** Left out: until the browser is closed. */
  readonly maxAgeSeconds?: number
  /** `Strict` is not even sent when a link from elsewhere is followed. */
  readonly sameSite?: 'Lax' | 'Strict'
  /** Set with it. */
  readonly along?: readonly NewCookie[]
}

/**
 * The name on the wire. Over https `__Host-` makes the browser refuse a cookie that a sibling domain or a plain-http
 * page tries to plant; without https browsers would drop it, so it is left out there.
 */
export const cookieName = (name: string, baseUrl: URL): string =>
  baseUrl.protocol === 'https:' ? `__Host-${name}` : `hostler-${name}`

/** One `Set-Cookie` line: never readable by scripts, never for another host. */
export function cookieLine(cookie: NewCookie, baseUrl: URL): string {
  if (cookie.value !== null && !/^[\w.~+/=-]*$/.test(cookie.value))
    throw new Error(`Cookie ${cookie.name}: not a token`)
  const parts = [`${cookieName(cookie.name, baseUrl)}=${cookie.value ?? ''}`, 'Path=/', 'HttpOnly']
  parts.push(`SameSite=${cookie.sameSite ?? 'Lax'}`)
  if (baseUrl.protocol === 'https:') parts.push('Secure')
  if (cookie.value === null) parts.push('Max-Age=0')
  else if (cookie.maxAgeSeconds !== undefined) parts.push(`Max-Age=${Math.floor(cookie.maxAgeSeconds)}`)
  return parts.join('; ')
}

/** Reads one of our cookies. Of two with the same name neither can be trusted, so both are ignored. */
export function readCookie(req: IncomingMessage, name: string, baseUrl: URL): string | undefined {
  const wanted = `${cookieName(name, baseUrl)}=`
  const found = (req.headers.cookie ?? '')
    .split(';')
    .map((pair) => pair.trim())
    .filter((pair) => pair.startsWith(wanted))
  return found.length === 1 ? found[0]?.slice(wanted.length) : undefined
}

import { createHash, createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import type { Secret } from '../../platform/secret.js'

/** The only value of a header; a header that came twice is none. */
export function only(headers: IncomingHttpHeaders, name: string): string | undefined {
  const value = headers[name]
  return typeof value === 'string' ? value : undefined
}

/** Whether `given` is the HMAC-SHA256 of the bytes in lower-case hexadecimal, and nothing else. */
export function isHmac(given: string | undefined, secret: Secret, bytes: Buffer): boolean {
  // An empty secret would be one that everybody knows.
  if (secret.reveal() === '' || given === undefined || !/^[0-9a-f]{64}$/.test(given)) return false
  const expected = createHmac('sha256', secret.reveal()).update(bytes).digest()
  return timingSafeEqual(expected, Buffer.from(given, 'hex'))
}

/** Whether two texts are the same, in a time that does not tell how far they are. */
export function isSameText(given: string | undefined, secret: Secret): boolean {
  if (secret.reveal() === '' || given === undefined) return false
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(secret.reveal()))
}

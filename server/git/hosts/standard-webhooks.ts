import { createHmac, timingSafeEqual } from 'node:crypto'
import type { IncomingHttpHeaders } from 'node:http'
import { only } from './signatures.js'

/** As the specification's own libraries have it. A delivery that is sent again is signed again, so none is lost by it. */
const toleranceMs = 5 * 60_000

const mostSignatures = 10

/** The key in `whsec_…`, of 32 bytes; null for any other text. */
export function keyOfToken(token: string): Buffer | null {
  const [, base64] = /^whsec_([A-Za-z0-9+/]{43}=)$/.exec(token) ?? []
  return base64 === undefined ? null : Buffer.from(base64, 'base64')
}

/**
 * https://www.standardwebhooks.com: an HMAC-SHA256 of the id, the time and the bytes, in any of several signatures. Told in
 * constant time, and not of a time that is too far from ours: what somebody has recorded is worth nothing later.
 */
export function isStandardSigned(key: Buffer, bytes: Buffer, headers: IncomingHttpHeaders, now: Date): boolean {
  const [id, time, signatures] = ['webhook-id', 'webhook-timestamp', 'webhook-signature'].map((name) =>
    only(headers, name),
  )
  if (!id || !signatures || time === undefined || !/^\d{1,11}$/.test(time)) return false
  if (Math.abs(now.getTime() - Number(time) * 1000) > toleranceMs) return false
  const expected = createHmac('sha256', key).update(`${id}.${time}.`).update(bytes).digest()
  return signatures.split(' ', mostSignatures).some((one) => {
    const [, given] = /^v1,([A-Za-z0-9+/]{43}=)$/.exec(one) ?? []
    return given !== undefined && timingSafeEqual(expected, Buffer.from(given, 'base64'))
  })
}

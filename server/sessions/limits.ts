import { createHash } from 'node:crypto'
import { addressBucket } from '../platform/address-bucket.js'
import { UserError } from '../platform/errors.js'
import type { Services } from '../platform/services.js'
import * as queries from './queries.js'

export interface Limit {
  /** `sign-up`: its counts stand beside those of others. */
  readonly what: string
  readonly windowMs: number
  readonly perAddress: number
  /** For each `about`: the mail address that something is sent to. */
  readonly perThing: number
  /** Left out: to wait. */
  readonly hint?: string
}

/**
 * Counts one more act of a visitor, in the database, as sign-ins are. Throws 429 when there were too many from this
 * address, or about this thing, whether or not it is known here (SE-07).
 */
export async function countAgainst(services: Services, limit: Limit, ip: string, about: string): Promise<void> {
  const now = services.clock()
  const endsAt = new Date(now.getTime() + limit.windowMs)
  const buckets = [
    { key: key(limit.what, 'address', addressBucket(ip)), most: limit.perAddress },
    { key: key(limit.what, 'thing', about), most: limit.perThing },
  ]
  // Always in this order, so that two never wait for each other's row, and only as far as the first that is over: an
  // address that has had its share shuts nothing for others.
  const isLimited = await services.db.asIdentity(async (db) => {
    for (const { key, most } of buckets) if ((await queries.countAttempt(db, key, now, endsAt)) > most) return true
    return false
  })
  if (!isLimited) return
  services.log.warn({ ip, what: limit.what }, 'limited')
  throw new UserError(429, 'This was asked for too often', limit.hint ?? 'Wait an hour and try again.')
}

const key = (what: string, kind: string, text: string): string =>
  `${what}-${kind}:${createHash('sha256').update(text).digest('base64url')}`

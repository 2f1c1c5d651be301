import { createHash } from 'node:crypto'
import { addressBucket } from '../platform/address-bucket.js'
import { UserError } from '../platform/errors.js'
import { noteRefusal, visitor } from '../platform/events/refusals.js'
import type { Services } from '../platform/services.js'
import * as queries from './queries.js'
import { attempts, factorAttempts, passkeyAttempts, samlAttempts } from './rules.js'

/**
 * Guesses are counted in the database: a restart forgets none, all web processes count together, and without the
 * database nobody signs in. Known and unknown accounts are counted alike, so being limited tells nothing (SE-07).
 */
export interface Attempt {
  /** The right password was given: it was no guess. */
  succeeded(): Promise<void>
}

/**
 * Throws 429 when there were too many for this account, from this address, or in the whole panel. `trusted` names a browser
 * or a session that is known to be this very person's: it is counted by itself, so that guesses from elsewhere do not shut
 * the owner out (RL-04).
 */
export async function beginAttempt(services: Services, email: string, ip: string, trusted?: string): Promise<Attempt> {
  const now = services.clock()
  const windowEndsAt = new Date(now.getTime() + attempts.windowMs)
  const buckets =
    trusted === undefined
      ? [
          { key: bucket('address', addressBucket(ip)), most: attempts.perAddress, isForgotten: false },
          { key: bucket('account', email), most: attempts.perAccount, isForgotten: true },
          { key: 'overall', most: attempts.overall, isForgotten: false },
        ]
      : [{ key: bucket('trusted', `${trusted} ${email}`), most: attempts.perAccount, isForgotten: true }]

  // Always in this order, here and below, so that two attempts never wait for each other's row. It stops at the first that
  // is over: an address that has had its share shuts neither an account nor the panel for everybody else.
  const isLimited = await services.db.asIdentity(async (db) => {
    for (const { key, most } of buckets)
      if ((await queries.countAttempt(db, key, now, windowEndsAt)) > most) return true
    return false
  })
  if (isLimited) {
    await noteLimited(services, null, 'password', ip)
    throw new UserError(429, 'There were too many sign-ins that failed', 'Wait a quarter of an hour and try again.')
  }

  return {
    succeeded: () =>
      services.db.asIdentity(async (db) => {
        for (const { key, isForgotten } of buckets)
          await (isForgotten ? queries.forgetAttempts(db, key) : queries.takeBackAttempt(db, key))
      }),
  }
}

/**
 * The same for a code of a second factor. Throws 429 after a few wrong ones of this person; a new session, another browser
 * or the password once more make none of them forgotten (MF-02).
 */
export async function beginFactorAttempt(services: Services, userId: string, ip: string): Promise<Attempt> {
  const now = services.clock()
  const isLimited = await services.db.asIdentity(async (db) => {
    let isOver = false
    for (const { name, windowMs, most } of factorAttempts) {
      const count = await queries.countAttempt(db, `${name}:${userId}`, now, new Date(now.getTime() + windowMs))
      isOver ||= count > most
    }
    return isOver
  })
  if (isLimited) {
    await noteLimited(services, userId, 'factor', ip)
    throw new UserError(
      429,
      'There were too many codes that were not right',
      'Wait a quarter of an hour and try again.',
    )
  }

  return {
    succeeded: () =>
      services.db.asIdentity(async (db) => {
        for (const { name } of factorAttempts) await queries.takeBackAttempt(db, `${name}:${userId}`)
      }),
  }
}

/** For a challenge that a visitor's passkey is to sign. Nothing can be guessed with one, but it takes room: throws 429. */
export const beginPasskeyAttempt = async (services: Services, ip: string): Promise<void> =>
  void (await countFrom(services, 'passkey', passkeyAttempts, ip))

/** For an answer of a SAML provider that somebody brings, which takes a while to look at. Throws 429. */
export async function beginSamlAttempt(services: Services, ip: string): Promise<Attempt> {
  const key = await countFrom(services, 'saml', samlAttempts, ip)
  return { succeeded: () => services.db.asIdentity(async (db) => void (await queries.takeBackAttempt(db, key))) }
}

/** Counts one more from this address, and returns under what. */
async function countFrom(
  services: Services,
  kind: 'passkey' | 'saml',
  { windowMs, perAddress }: { windowMs: number; perAddress: number },
  ip: string,
): Promise<string> {
  const now = services.clock()
  const key = bucket(kind, addressBucket(ip))
  const endsAt = new Date(now.getTime() + windowMs)
  const count = await services.db.asIdentity((db) => queries.countAttempt(db, key, now, endsAt))
  if (count > perAddress)
    throw new UserError(429, 'There were too many tries from your address', 'Wait a quarter of an hour and try again.')
  return key
}

/** What was typed is not kept, so of a sign-in it is not said whose it would have been. */
function noteLimited(services: Services, userId: string | null, by: 'password' | 'factor', ip: string): Promise<void> {
  services.log.warn({ ip, by }, 'sign-in limited')
  const event = { type: 'session.limited', subject: { kind: 'user', id: userId }, data: { by }, address: ip } as const
  return noteRefusal(services, { teamId: null, actor: visitor, event, about: by })
}

/** Hashed: people type their password into the field for the address. */
const bucket = (kind: 'account' | 'address' | 'trusted' | 'passkey' | 'saml', text: string): string =>
  `${kind}:${createHash('sha256').update(text).digest('base64url')}`

import { availableParallelism } from 'node:os'
import { hash, verify } from '@node-rs/argon2'
import { UserError } from '../platform/errors.js'
import type { Secret } from '../platform/secret.js'

/**
 * Argon2id with 19 MiB, two passes and one lane: the first choice of the OWASP Password Storage Cheat Sheet
 * (https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html#argon2id), and the package's default
 * algorithm. Named here all the same, so that an update of the package cannot weaken new hashes.
 */
const parameters = { memoryCost: 19_456, timeCost: 2, parallelism: 1, outputLen: 32 }

/** Of a random text nobody knows: an unknown address costs the same time as a wrong password (SE-07). */
const nobody = '$argon2id$v=19$m=19456,t=2,p=1$tBKc4aRNkelkgGcl7BGTBw$yH8TIwLi9+HGyvjbH5nWcSwvDNekGqe5phPkCZ0lQgs'

export const hashPassword = (password: Secret): Promise<string> => inTurn(() => hash(password.reveal(), parameters))

/** @param known the person's hash, or undefined when there is no such person: as slow, and false. */
export const isPassword = (known: string | undefined, password: Secret): Promise<boolean> =>
  inTurn(async () => (await verify(known ?? nobody, password.reveal())) && known !== undefined)

/**
 * Each hash takes 19 MiB and a core, so only as many run at once as there are cores (and at most four, libuv's threads);
 * the others wait, and a crowd beyond that is sent away: fifty sign-ins together must not exhaust the machine (SE-12).
 */
const places = Math.min(availableParallelism(), 4)
const mostWaiting = 100

// Of the process, not of a request: what is rationed is its memory.
let running = 0
const waiting: (() => void)[] = []

async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (waiting.length >= mostWaiting)
    throw new UserError(503, 'Too many people are signing in at this moment', 'Try again in a few seconds.')
  if (running >= places) await new Promise<void>((resolve) => waiting.push(resolve))
  else running++

  try {
    return await work()
  } finally {
    const next = waiting.shift()
    if (next) next()
    else running--
  }
}

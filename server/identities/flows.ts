import { createHash, createHmac, randomBytes } from 'node:crypto'
import type { TransactionOf } from '../platform/db/doors.js'
import type { SignInFlowsRow } from '../platform/db/tables.js'
import type { NewCookie } from '../platform/http/cookies.js'
import { Secret } from '../platform/secret.js'
import * as queries from './queries.js'
import { flowMs, type Proof } from './rules.js'

/**
 * A way to another side and back: begun in one browser, ended there once, within ten minutes. The word that goes along
 * (`state`) and the cookie that stays are kept as hashes; what else must be known at the end is made from both, so that
 * the database holds nothing to come back with.
 */
export interface BegunFlow {
  readonly state: Secret
  readonly nonce: string
  readonly verifier: string
  readonly cookie: NewCookie
}

export interface NewFlow {
  readonly source: queries.Source
  readonly intent: SignInFlowsRow['intent']
  /** Null for who is not signed in yet. */
  readonly userId: string | null
  readonly next: string
}

export type Flow = Omit<NewFlow, 'source'> &
  Pick<BegunFlow, 'nonce' | 'verifier'> & {
    /** Where the other side has told us directly; null where it is yet to be asked. */
    readonly proof: Proof | null
  }

type Identity = TransactionOf<'identity'>

/** Lax, for it has to come along with the way back, which begins elsewhere. */
export const flowCookie = 'sign-in'

export async function beginFlow(
  db: Identity,
  flow: NewFlow,
  oldCookie: string | undefined,
  now: Date,
): Promise<BegunFlow> {
  // Two ways may be under way in two tabs, so a browser keeps its cookie.
  const browser = oldCookie !== undefined && isWord(oldCookie) ? oldCookie : randomBytes(32).toString('base64url')
  const state = randomBytes(32).toString('base64url')
  await queries.deleteFlowsBefore(db, now)
  await queries.insertFlow(db, {
    ...{ hash: hashOf(state), browser_hash: hashOf(browser), ...flow.source },
    ...{ intent: flow.intent, user_id: flow.userId, next: flow.next },
    ...{ proof: null, expires_at: new Date(now.getTime() + flowMs) },
  })
  const cookie = { name: flowCookie, value: browser, maxAgeSeconds: flowMs / 1000 }
  return { state: new Secret(state), ...wordsOf(state, browser), cookie }
}

/** Undefined for any but the browser that began it, from elsewhere, too late, or a second time. */
export async function claimFlow(
  db: Identity,
  source: queries.Source,
  { state, cookie }: { state: string; cookie: string | undefined },
  now: Date,
): Promise<Flow | undefined> {
  if (cookie === undefined || !isWord(cookie) || !isWord(state)) return undefined
  const way = { ...source, hash: hashOf(state), browser_hash: hashOf(cookie) }
  const flow = await queries.claimFlow(db, way, now)
  if (!flow) return undefined
  const proof = flow.proof as Proof | null // `as`: `keepProof` alone writes it
  return { intent: flow.intent, userId: flow.user_id, next: flow.next, proof, ...wordsOf(state, cookie) }
}

/** What a request is called that goes along with that word: its hash, which is no way back. */
export const requestIdOf = (state: string): string => `_${hashOf(state).toString('hex')}`

/** Whether somebody left with that word and is not back yet. */
export const isOpenFlow = (db: Identity, source: queries.Source, state: string, now: Date): Promise<boolean> =>
  isWord(state) ? queries.isOpenFlow(db, source, hashOf(state), now) : Promise.resolve(false)

/** Keeps what the other side told us directly until the browser comes for it. False when that was done before. */
export const keepProof = (
  db: Identity,
  source: queries.Source,
  { state, proof }: { state: string; proof: Proof },
  now: Date,
): Promise<boolean> => queries.keepProof(db, source, hashOf(state), proof, now)

/** Of 43 characters, as RFC 7636 asks of a verifier. */
const wordsOf = (state: string, browser: string): { nonce: string; verifier: string } => ({
  nonce: derived('nonce', state, browser),
  verifier: derived('verifier', state, browser),
})

const derived = (use: string, state: string, browser: string): string =>
  createHmac('sha256', browser).update(`${use}:${state}`).digest('base64url')

/** SHA-256 is enough for 256 random bits. */
const hashOf = (word: string): Buffer => createHash('sha256').update(word).digest()

const isWord = (text: string): boolean => /^[\w-]{43}$/.test(text)

import { createHash } from 'node:crypto'
import type { Logger } from 'pino'
import type { Actor } from '../access/ctx.js'
import { conflict, UserError } from '../errors.js'
import type { ApiAnswer } from './api-answer.js'

/** What happened to a key before. `claim` is one conditional insert, so of two callers at once one gets `new`. */
export type Claim =
  | { readonly kind: 'new' }
  | { readonly kind: 'done'; readonly answer: ApiAnswer }
  | { readonly kind: 'running' }
  | { readonly kind: 'other-request' }

export interface IdempotencyStore {
  claim(teamId: string, key: string, requestHash: Buffer): Promise<Claim>
  keep(teamId: string, key: string, answer: ApiAnswer): Promise<void>
  release(teamId: string, key: string): Promise<void>
}

export interface KeyedRequest {
  readonly teamId: string
  readonly actor: Pick<Actor, 'kind' | 'id'>
  readonly key: string
  readonly method: string
  readonly path: string
  readonly bytes: Buffer
}

/**
 * Runs `work` once for one `Idempotency-Key`, whose later uses get the first answer again. Throws 422 when the key was
 * used for something else, or by somebody else, and 409 while the first use still runs. A failure frees the key: nothing
 * was done.
 */
export async function once(
  store: IdempotencyStore,
  request: KeyedRequest,
  work: () => Promise<ApiAnswer>,
  log: Pick<Logger, 'error'>,
): Promise<ApiAnswer> {
  const { teamId, key } = request
  if (!/^[\x21-\x7e]{1,200}$/.test(key))
    throw new UserError(400, 'The Idempotency-Key must be 1 to 200 visible characters')
  const claim = await store.claim(teamId, key, fingerprint(request))
  switch (claim.kind) {
    case 'done':
      return { ...claim.answer, headers: { ...claim.answer.headers, 'Idempotency-Replayed': 'true' } }
    case 'running':
      throw conflict('The first request with this Idempotency-Key is still running', 'Ask again in a moment.')
    case 'other-request':
      throw new UserError(422, 'This Idempotency-Key was used for another request', 'Use a new key for a new request.')
    case 'new':
      break
  }
  const answer = await orRelease(store, request, work)
  // What was done is done. Where its answer cannot be kept it is given all the same, and the key is not freed, or the next
  // try would do it twice: that is told that the first still runs, until the store takes it for abandoned.
  await store.keep(teamId, key, answer).catch((error: unknown) => {
    log.error({ err: error, team: teamId }, 'the answer for an Idempotency-Key could not be kept')
  })
  return answer
}

async function orRelease(store: IdempotencyStore, { teamId, key }: KeyedRequest, work: () => Promise<ApiAnswer>) {
  try {
    return await work()
  } catch (error) {
    await store.release(teamId, key)
    throw error
  }
}

/** With who asks: what one was answered is not for another who happens to have chosen the same key. */
const fingerprint = ({ actor, method, path, bytes }: KeyedRequest) =>
  createHash('sha256').update(`${actor.kind} ${actor.id}\n${method} ${path}\n`).update(bytes).digest()

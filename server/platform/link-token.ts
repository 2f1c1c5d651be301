import { createHash, randomBytes } from 'node:crypto'

/** What a link bears that lets somebody do one thing once. Only its hash is kept. */
export interface LinkToken {
  readonly token: string
  readonly hash: Buffer
}

/** 256 bits that nobody guesses. */
export function newLinkToken(): LinkToken {
  const token = randomBytes(32).toString('base64url')
  return { token, hash: hashOfToken(token) }
}

/** By what a token is found again. Guessing one is hopeless, so a plain hash keeps it. */
export const hashOfToken = (token: string): Buffer => createHash('sha256').update(token).digest()

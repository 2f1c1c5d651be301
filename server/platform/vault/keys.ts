import { createHash, hkdfSync } from 'node:crypto'

/** One secret, many keys: each use has its own, derived by HKDF-SHA256 (RFC 5869), so that none gives away another. */
export type KeyUse = 'vault' | 'digest' | 'csrf' | 'cookie' | 'database-login'

export const deriveKey = (secret: string, use: KeyUse): Buffer =>
  Buffer.from(hkdfSync('sha256', secret, 'hostler', use, 32))

/** Names a key inside a box without telling anything about it. */
export const keyId = (key: Buffer): string =>
  createHash('sha256').update('key id').update(key).digest('hex').slice(0, 8)

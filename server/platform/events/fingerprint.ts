import type { Secret } from '../secret.js'
import type { Place, Vault } from '../vault/vault.js'

/**
 * What an event may say of a secret: equal ones of a team look equal, so that a change can be seen, and only who has the
 * panel's key can tell which text it was.
 * @param scope of one team, usually its id
 */
export const fingerprintOf = (vault: Vault, secret: Secret, scope: string): string =>
  fingerprintIn(vault.digest(secret, `event ${scope}`))

/** Of a secret as it is kept. One that this panel's key does not open is in nobody's way who replaces or removes it. */
export function fingerprintOfSealed(vault: Vault, sealed: string, place: Place, scope: string): string {
  try {
    return fingerprintOf(vault, vault.open(sealed, place), scope)
  } catch {
    return 'cannot be opened'
  }
}

/** The same of what already is a digest by the vault. */
export const fingerprintIn = (digest: Buffer): string => `fingerprint ${digest.toString('hex').slice(0, 12)}`

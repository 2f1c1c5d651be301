import type { Secret } from '../secret.js'
import type { Vault } from '../vault/vault.js'

/**
 * What an event may say of a secret: equal ones of a team look equal, so that a change can be seen, and only who has the
 * panel's key can tell which text it was.
 * @param scope of one team, usually its id
 */
export const fingerprintOf = (vault: Vault, secret: Secret, scope: string): string =>
  fingerprintIn(vault.digest(secret, `event ${scope}`))

/** The same of what already is a digest by the vault. */
export const fingerprintIn = (digest: Buffer): string => `fingerprint ${digest.toString('hex').slice(0, 12)}`

/** `before` and `after` of what differs between two versions of a thing, for the data of an event. Null: nothing does. */
export function changesBetween<Fields extends Record<string, unknown>>(
  before: Fields,
  after: Partial<Fields>,
): { before: Partial<Fields>; after: Partial<Fields> } | null {
  const changed = Object.keys(after).filter((key) => JSON.stringify(before[key]) !== JSON.stringify(after[key]))
  if (changed.length === 0) return null
  // `as`: the keys are those of `after`, which is a part of the same fields.
  const of = (fields: Partial<Fields>) =>
    Object.fromEntries(changed.map((key) => [key, fields[key] ?? null])) as Partial<Fields>
  return { before: of(before), after: of(after) }
}

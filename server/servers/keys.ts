import { FieldError } from '../platform/errors.js'
import type { Secret } from '../platform/secret.js'
import { generateKey, type KeyPair, parsePrivateKey } from '../platform/ssh/keys.js'
import type { Vault } from '../platform/vault/vault.js'
import { keyPlace } from './host-targets.js'

/** The key that Hostler signs in to one server with: made here, or pasted. */
export function keyFor(slug: string, choice: { key: 'generate' | 'paste'; privateKey: string | null }): KeyPair {
  const comment = `hostler-${slug}`
  if (choice.key === 'generate') return generateKey(comment)
  if (choice.privateKey === null) throw new FieldError('privateKey', 'Paste the private key here')
  return parsePrivateKey(choice.privateKey, { field: 'privateKey', comment })
}

/** The columns of a key; the private half only as a box that opens in this row alone. */
export const keyColumns = (vault: Vault, serverId: string, pair: { publicLine: string; privateKey: Secret }) => ({
  public_key: pair.publicLine,
  private_key_sealed: vault.seal(pair.privateKey, keyPlace(serverId)),
})

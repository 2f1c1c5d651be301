import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto'
import { Secret } from '../secret.js'
import { deriveKey, keyId } from './keys.js'

/**
 * Secrets at rest. A box is AES-256-GCM under a named key, and the identity of its row (table, id, column) is bound in as
 * associated data: a box copied to another row or team does not open.
 */
export interface Vault {
  seal(secret: Secret, place: Place): string
  /** @throws Error when the box was altered, moved, or sealed under a key that is not here. */
  open(box: string, place: Place): Secret
  /** True when the box is not under the newest key, and should be sealed again. */
  isOld(box: string): boolean
  /** Keyed hash: equal values can be recognised in one team without opening either. */
  digest(secret: Secret, scope: string): Buffer
}

export interface Place {
  table: string
  id: string
  column: string
}

/** @param secrets newest first; the older ones only open */
export function createVault(secrets: readonly [Secret, ...Secret[]]): Vault {
  const keys = secrets.map((secret) => deriveKey(secret.reveal(), 'vault'))
  const byId = new Map(keys.map((key) => [keyId(key), key]))
  const newest = keys[0] as Buffer // The tuple type promises a first secret.
  const digestKey = deriveKey(secrets[0].reveal(), 'digest')

  return {
    seal: (secret, place) => seal(newest, secret, place),
    open: (box, place) => open(byId, box, place),
    isOld: (box) => box.split('.')[1] !== keyId(newest),
    digest: (secret, scope) =>
      createHmac('sha256', digestKey).update(scope).update('\0').update(secret.reveal()).digest(),
  }
}

function seal(key: Buffer, secret: Secret, place: Place): string {
  const iv = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(identity(place))
  const body = Buffer.concat([cipher.update(secret.reveal(), 'utf8'), cipher.final()])
  return ['v1', keyId(key), ...[iv, body, cipher.getAuthTag()].map((part) => part.toString('base64url'))].join('.')
}

function open(byId: ReadonlyMap<string, Buffer>, box: string, place: Place): Secret {
  const [version, id = '', iv = '', body = '', tag = ''] = box.split('.')
  const key = byId.get(id)
  if (version !== 'v1' || !key) throw new Error(`No key ${id} to open ${place.table}.${place.column} of ${place.id}`)

  const decipher = createDecipheriv('aes-256-gcm', key, Buffer.from(iv, 'base64url'), { authTagLength: 16 })
  decipher.setAAD(identity(place)).setAuthTag(Buffer.from(tag, 'base64url'))
  return new Secret(Buffer.concat([decipher.update(Buffer.from(body, 'base64url')), decipher.final()]).toString('utf8'))
}

const identity = (place: Place): Buffer => Buffer.from(JSON.stringify([place.table, place.id, place.column]))

import { generateKeyPairSync, randomBytes } from 'node:crypto'
import ssh2, { type ParsedKey } from 'ssh2'
import { FieldError } from '../errors.js'
import { Secret } from '../secret.js'
import { fingerprintOf } from './host-key.js'

export interface KeyPair {
  /** In the format of OpenSSH, or as it was pasted. */
  readonly privateKey: Secret
  /** For authorized_keys or a Git server: "ssh-ed25519 AAAA… comment". */
  readonly publicLine: string
  readonly fingerprint: string
}

/**
 * A new ed25519 key. Built here: about one in 200 keys of ssh2's own generator cannot be read, even by ssh2 (1.17). Taken as
 * bytes, for Node 20 can hang for good in `export({ format: 'jwk' })`: it holds the lock of the key while it makes the
 * answer, and the garbage that is collected for that may be the job that made the key and wants the same lock.
 */
export function generateKey(comment: string): KeyPair {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', {
    publicKeyEncoding: { type: 'spki', format: 'der' },
    privateKeyEncoding: { type: 'pkcs8', format: 'der' },
  })
  // Both end in the 32 bytes of the key itself (RFC 8410, sections 4 and 7).
  const [publicBytes, seed] = [publicKey.subarray(-32), privateKey.subarray(-32)]
  const blob = fields('ssh-ed25519', publicBytes)
  const text = openSshFile(
    blob,
    fields('ssh-ed25519', publicBytes, Buffer.concat([seed, publicBytes]), oneLine(comment)),
  )
  return { privateKey: new Secret(text), ...publicPart('ssh-ed25519', blob, comment) }
}

/**
 * A private key that somebody pasted into `field`. Throws `FieldError` with a sentence for what people paste instead:
 * the public half, a key with a passphrase, half of it.
 */
export function parsePrivateKey(pasted: string, { field, comment }: { field: string; comment: string }): KeyPair {
  const refuse = (why: string) => new FieldError(field, why)
  const text = `${pasted
    .replace(/\r\n?/g, '\n')
    .replace(/^[ \t]+|[ \t]+$/gm, '')
    .trim()}\n`
  if (text === '\n') throw refuse('Paste the private key here')
  if (/^(?:ssh-|ecdsa-|sk-)\S+ AAAA|BEGIN (?:SSH2 |RSA )?PUBLIC KEY/.test(text)) {
    throw refuse('This is the public half of a key. Paste the private one: the file without ".pub"')
  }
  if (/BEGIN CERTIFICATE/.test(text)) throw refuse('This is a certificate, not a private SSH key')
  if (!/-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----|^PuTTY-User-Key-File-/.test(text)) {
    throw refuse('This is not a private SSH key. It begins with a line like "-----BEGIN OPENSSH PRIVATE KEY-----"')
  }

  const key = ssh2.utils.parseKey(text)
  if (key instanceof Error) throw refuse(sentenceFor(key.message))
  const [one = key] = [key].flat()
  const blob = one.getPublicSSH()
  const weak = weakness(one, blob)
  if (weak) throw refuse(weak)
  return { privateKey: new Secret(text), ...publicPart(one.type, blob, comment) }
}

function sentenceFor(fault: string): string {
  if (/encrypted|passphrase/i.test(fault)) {
    return 'This key is protected by a passphrase, which nobody is there to type. Use one without, or let Hostler make one'
  }
  if (/unsupported.*(?:type|algorithm|cipher)/i.test(fault))
    return 'This kind of key is not supported. Use ed25519, ECDSA or RSA'
  return 'This key is damaged or not complete. Copy the whole file, with its first and last line'
}

function weakness(key: ParsedKey, blob: Buffer): string | undefined {
  if (key.type === 'ssh-dss') return 'DSA keys are no longer accepted by SSH servers. Use ed25519'
  // The last field is the modulus; its length in bytes, without the leading zero.
  if (key.type === 'ssh-rsa' && blob.length < 256 + 20) return 'This RSA key is shorter than 2048 bits. Use ed25519'
  return undefined
}

const publicPart = (type: string, blob: Buffer, comment: string) => ({
  publicLine: `${type} ${blob.toString('base64')} ${oneLine(comment)}`.trimEnd(),
  fingerprint: fingerprintOf(blob),
})

/** A line break in a comment would be a second line of authorized_keys. */
const oneLine = (comment: string): string => comment.replace(/[\s\p{Cc}]+/gu, ' ').trim()

/** The layout: https://github.com/openssh/openssh-portable/blob/master/PROTOCOL.key */
function openSshFile(publicBlob: Buffer, privateFields: Buffer): string {
  const check = randomBytes(4)
  const open = Buffer.concat([check, check, privateFields])
  const padding = Buffer.from(Array.from({ length: (8 - (open.length % 8)) % 8 }, (_, index) => index + 1))
  const one = Buffer.from([0, 0, 0, 1])
  const file = Buffer.concat([
    Buffer.from('openssh-key-v1\0'),
    fields('none', 'none', ''),
    one,
    fields(publicBlob, Buffer.concat([open, padding])),
  ])
  const lines = file.toString('base64').replace(/.{70}(?=.)/g, '$&\n')
  return `-----BEGIN OPENSSH PRIVATE KEY-----\n${lines}\n-----END OPENSSH PRIVATE KEY-----\n`
}

/** Each with its length before it. */
function fields(...values: readonly (string | Buffer)[]): Buffer {
  return Buffer.concat(
    values.flatMap((value) => {
      const bytes = Buffer.from(value)
      const length = Buffer.alloc(4)
      length.writeUInt32BE(bytes.length)
      return [length, bytes]
    }),
  )
}

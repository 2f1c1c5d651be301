import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from 'node:crypto'

/** A passkey in software (WebAuthn level 3), which can also do what a real one and its browser would refuse to. */
export interface Authenticator {
  /** As `navigator.credentials.create` answers, for the form. */
  make(options: { challenge: string }, bent?: Bent): string
  /** As `navigator.credentials.get` answers, for the form. */
  use(options: { challenge: string }, bent?: Bent): string
}

export interface Bent {
  readonly origin?: string
  readonly rpId?: string
  readonly isUserVerified?: boolean
  readonly challenge?: string
  readonly counter?: number
  readonly type?: string
  readonly key?: KeyObject
  /** Of another passkey, whose id this one claims. */
  readonly id?: string
}

export function authenticator(home = new URL('http://localhost:3000')): Authenticator & { id: string; key: KeyObject } {
  const { publicKey, privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  const id = randomBytes(16)
  let counter = 0

  const clientData = (type: string, challenge: string, bent: Bent) =>
    Buffer.from(
      JSON.stringify({
        type: bent.type ?? type,
        challenge: bent.challenge ?? challenge,
        origin: bent.origin ?? home.origin,
        crossOrigin: false,
      }),
    )
  const authData = (bent: Bent, attested?: Buffer) => {
    counter = bent.counter ?? counter + 1
    const flags = 0x01 | (bent.isUserVerified === false ? 0 : 0x04) | (attested ? 0x40 : 0)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(counter)
    return Buffer.concat([sha256(bent.rpId ?? home.hostname), Buffer.from([flags]), count, attested ?? Buffer.alloc(0)])
  }
  const named = (response: object, bent: Bent = {}) => {
    const name = bent.id ?? id.toString('base64url')
    return JSON.stringify({ id: name, rawId: name, type: 'public-key', clientExtensionResults: {}, response })
  }

  return {
    id: id.toString('base64url'),
    key: privateKey,
    make: ({ challenge }, bent = {}) => {
      const client = clientData('webauthn.create', challenge, bent)
      const attested = Buffer.concat([Buffer.alloc(16), Buffer.from([0, id.length]), id, coseOf(publicKey)])
      const data = authData(bent, attested)
      const attestation = Buffer.concat([
        Buffer.from([0xa3]),
        text('fmt'),
        text('none'),
        text('attStmt'),
        Buffer.from([0xa0]),
        text('authData'),
        bytes(data),
      ])
      return named({
        clientDataJSON: client.toString('base64url'),
        attestationObject: attestation.toString('base64url'),
        transports: ['internal'],
      })
    },
    use: ({ challenge }, bent = {}) => {
      const client = clientData('webauthn.get', challenge, bent)
      const data = authData(bent)
      const signature = sign('sha256', Buffer.concat([data, sha256(client)]), bent.key ?? privateKey)
      const response = {
        clientDataJSON: client.toString('base64url'),
        authenticatorData: data.toString('base64url'),
        signature: signature.toString('base64url'),
      }
      return named(response, bent)
    },
  }
}

const sha256 = (data: Buffer | string): Buffer => createHash('sha256').update(data).digest()

/** The little of CBOR (RFC 8949) that this takes. */
const text = (value: string): Buffer => Buffer.concat([Buffer.from([0x60 + value.length]), Buffer.from(value)])
const bytes = (value: Buffer): Buffer =>
  Buffer.concat([
    Buffer.from(value.length < 256 ? [0x58, value.length] : [0x59, value.length >> 8, value.length & 255]),
    value,
  ])

/** An ES256 key as COSE has it (RFC 9053). */
function coseOf(key: KeyObject): Buffer {
  const { x = '', y = '' } = key.export({ format: 'jwk' })
  const coordinate = (value: string) => bytes(Buffer.from(value, 'base64url'))
  return Buffer.concat([
    Buffer.from([0xa5, 0x01, 0x02, 0x03, 0x26, 0x20, 0x01, 0x21]),
    coordinate(x),
    Buffer.from([0x22]),
    coordinate(y),
  ])
}

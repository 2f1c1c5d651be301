import { createHash } from 'node:crypto'
import type { ServerHostKeyAlgorithm } from 'ssh2'
import { UserError } from '../errors.js'

/** By what a machine proves that it is the one we know. */
export interface HostKey {
  /** As in known_hosts, without the name: "ssh-ed25519 AAAA…". This is what is stored and pinned. */
  readonly line: string
  /** As `ssh-keygen -l` and every Git server show it: "SHA256:…". */
  readonly fingerprint: string
}

/** Somebody else answers at this address, or the machine was installed anew. Nothing was sent to it, not even a name. */
export class HostKeyChangedError extends UserError {
  readonly host: string
  readonly expected: string
  readonly seen: HostKey

  constructor(host: string, expected: HostKey, seen: HostKey) {
    super(
      502,
      `${host} showed another host key than the one that was pinned. Expected ${expected.fingerprint}, got ${seen.fingerprint}`,
      'If the server was installed anew, compare the new fingerprint on its own console ("ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub") and then accept it on its page. If not, somebody may be between the panel and the server.',
    )
    this.name = 'HostKeyChangedError'
    this.host = host
    this.expected = expected.fingerprint
    this.seen = seen
  }
}

export const fingerprintOf = (blob: Buffer): string =>
  `SHA256:${createHash('sha256').update(blob).digest('base64').replace(/=+$/, '')}`

/** From the bytes of the SSH wire, which begin with the length of the type's name. */
export function hostKeyOf(blob: Buffer): HostKey {
  const length = Math.min(blob.length >= 4 ? blob.readUInt32BE(0) : 0, 64)
  const type = blob
    .subarray(4, 4 + length)
    .toString('latin1')
    .replace(/[^\x21-\x7e]/g, '?')
  return { line: `${type} ${blob.toString('base64')}`, fingerprint: fingerprintOf(blob) }
}

/** From a stored line. Throws `UserError` when it is none. */
export function parseHostKey(line: string): HostKey {
  const [, encoded = ''] = line.trim().split(/\s+/)
  const key = hostKeyOf(Buffer.from(encoded, 'base64'))
  if (!key.line.startsWith(`${line.trim().split(/\s+/)[0]} `) || encoded.length < 40) {
    throw new UserError(
      422,
      'This is not a host key',
      'It looks like "ssh-ed25519 AAAA…" in /etc/ssh/ssh_host_ed25519_key.pub.',
    )
  }
  return key
}

const algorithms: Record<string, readonly ServerHostKeyAlgorithm[]> = {
  'ssh-ed25519': ['ssh-ed25519'],
  'ecdsa-sha2-nistp256': ['ecdsa-sha2-nistp256'],
  'ecdsa-sha2-nistp384': ['ecdsa-sha2-nistp384'],
  'ecdsa-sha2-nistp521': ['ecdsa-sha2-nistp521'],
  'ssh-rsa': ['rsa-sha2-512', 'rsa-sha2-256'],
}

/** Asks for the pinned kind first: a machine has several keys, and another kind of key would look like a change. */
export function algorithmsFor(pinned: HostKey | undefined): ServerHostKeyAlgorithm[] {
  const first = algorithms[pinned?.line.split(' ')[0] ?? ''] ?? []
  return [...new Set([...first, ...Object.values(algorithms).flat()])]
}

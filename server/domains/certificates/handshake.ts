import { checkServerIdentity, connect, type DetailedPeerCertificate, type TLSSocket } from 'node:tls'
import type { Host } from '../../platform/ssh/host.js'

/** What a visitor is shown who comes by that name. */
export interface Shown {
  issuer: string
  beginsAt: Date
  endsAt: Date
  /** Whether it was made for that name. */
  isForName: boolean
}

const timeoutMs = 10_000

/** A TLS handshake on the machine itself, so that DNS does not matter. Null where no certificate is shown for the name. */
export async function shownCertificate(host: Host, port: number, name: string): Promise<Shown | null> {
  const connection = await host.forward({ port })
  try {
    // It is looked at, not trusted: nothing is sent.
    const socket = connect({ socket: connection, servername: name, rejectUnauthorized: false, timeout: timeoutMs })
    return shownBy(await opened(socket), name)
  } catch (error) {
    if (isRefusal(error)) return null
    throw error
  } finally {
    connection.destroy()
  }
}

const opened = (socket: TLSSocket): Promise<TLSSocket> =>
  new Promise((resolve, reject) => {
    socket.once('secureConnect', () => resolve(socket)).once('error', reject)
    socket.once('timeout', () => reject(new Error('The handshake took too long')))
    socket.once('close', () => reject(new Error('The connection was closed during the handshake')))
  })

function shownBy(socket: TLSSocket, name: string): Shown | null {
  const certificate: DetailedPeerCertificate = socket.getPeerCertificate(true)
  if (!certificate.valid_to) return null
  const { O: organisation, CN: common } = certificate.issuer
  return {
    issuer: [organisation, common].flat().filter(Boolean).join(', ') || 'unknown',
    beginsAt: new Date(certificate.valid_from),
    endsAt: new Date(certificate.valid_to),
    isForName: checkServerIdentity(name, certificate) === undefined,
  }
}

/** Caddy ends the handshake so where it has none for the name. */
const isRefusal = (error: unknown): boolean =>
  error instanceof Error && 'code' in error && /^ERR_SSL_.*ALERT/.test(String(error.code))

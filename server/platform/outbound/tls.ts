import { isIP, type LookupFunction } from 'node:net'
import { connect, rootCertificates, type TLSSocket } from 'node:tls'
import type { Allowances } from './allowances.js'
import { OutboundFault, unreachable } from './fault.js'
import { checkedLookup } from './lookup.js'
import { hostOf, parseTarget } from './target.js'

/** Bytes for a host and port that somebody gave, over TLS, with nothing read but the end. */
export interface TlsQuestion {
  /** `host:port` */
  readonly address: string
  /** Whom to believe besides, as PEM: a company's own. Null: whom everybody believes. */
  readonly ca: string | null
  readonly bytes: Buffer
  readonly signal?: AbortSignal
}

/** Throws `OutboundFault` with a sentence for the field. The host and what it resolves to are held to the same rules as of any URL. */
export function parseTlsTarget(address: string, allowances: Allowances): { host: string; port: number } {
  const [, port] = /^[^/?#@]+:(\d{1,5})$/.exec(address) ?? []
  if (port === undefined || Number(port) < 1 || Number(port) > 65_535)
    throw new OutboundFault('refused', 'Give a host and a port, such as siem.example.com:6514')
  return { host: hostOf(parseTarget(`https://${address}`, allowances)), port: Number(port) }
}

/**
 * Resolves when the other side has ended in good order after all was written: then it has read all of it.
 * @param deadlineMs for looking up, connecting, sending and being read, together
 */
export function sendByTls(
  { address, ca, bytes, signal }: TlsQuestion,
  allowances: Allowances,
  lookup: LookupFunction,
  deadlineMs: number,
): Promise<void> {
  const { host, port } = parseTlsTarget(address, allowances)
  return new Promise((resolve, reject) => {
    const socket = connect({
      ...{ host, port, lookup: checkedLookup(lookup, allowances), allowHalfOpen: true },
      ...(isIP(host) === 0 && { servername: host }),
      ...(ca !== null && { ca: [ca, ...rootCertificates] }),
    })
    let isWritten = false
    const stop = (fault: Error) => {
      socket.destroy()
      reject(fault)
    }
    // For all of it: who sends a byte now and then is never silent for long.
    const late = setTimeout(
      () => stop(new OutboundFault('too-slow', `${host} did not take everything within ${deadlineMs / 1000} seconds`)),
      deadlineMs,
    )
    const abort = () => stop(new OutboundFault('unreachable', `Sending to ${host} was stopped`))
    signal?.addEventListener('abort', abort, { once: true })
    socket.once('close', () => {
      clearTimeout(late)
      signal?.removeEventListener('abort', abort)
    })
    socket.once('error', (error) => stop(error instanceof OutboundFault ? error : unreachable(host, error)))
    socket.once('secureConnect', () => {
      socket.end(bytes, () => {
        isWritten = true
      })
    })
    // What it says is not for us, and has to be read for its end to be seen.
    socket.resume()
    socket.once('end', () => {
      if (isWritten && isWhole(socket)) resolve()
      else stop(new OutboundFault('unreachable', `${host} hung up before it had everything`))
    })
    socket.once('close', () => reject(new OutboundFault('unreachable', `${host} hung up before it had everything`)))
  })
}

const isWhole = (socket: TLSSocket): boolean => socket.writableLength === 0

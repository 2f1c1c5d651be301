import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { createServer as createTlsHttpServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { makeCertificate } from '../support/certificates.js'

export interface Sink<Message> {
  readonly port: number
  readonly ca: string
  readonly got: Message[]
  /** It never ends, and says a byte now and then. */
  drips?: boolean
  /** From now on it dies after so many bytes or messages of each connection; null: it lives. */
  diesAfter: number | null
  close(): Promise<void>
}

/** A receiver of syslog over TLS (RFC 5425), which counts octets as a real one does. */
export async function syslogSink(name: string): Promise<Sink<string>> {
  const { certificate, key } = makeCertificate({ names: [name] })
  const open = new Set<TLSSocket>()
  const server = createTlsServer({ cert: certificate, key }, (socket) => {
    open.add(socket)
    let rest = Buffer.alloc(0)
    let bytes = 0
    socket.on('data', (chunk) => {
      bytes += chunk.length
      rest = Buffer.concat([rest, chunk])
      for (let frame = frameIn(rest); frame; frame = frameIn(rest)) {
        sink.got.push(frame.text)
        rest = rest.subarray(frame.end)
      }
      if (sink.diesAfter !== null && bytes > sink.diesAfter) socket.destroy()
    })
    if (sink.drips) {
      // What is not read has no end.
      socket.pause()
      const drip = setInterval(() => socket.write('.'), 100)
      socket.on('close', () => clearInterval(drip))
    }
    socket.on('error', () => undefined)
    socket.on('close', () => open.delete(socket))
  })
  server.on('tlsClientError', () => undefined)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sink: Sink<string> = {
    ...{ port: (server.address() as AddressInfo).port, ca: certificate, got: [], diesAfter: null },
    close: async () => {
      for (const socket of open) socket.destroy()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return sink
}

function frameIn(bytes: Buffer): { text: string; end: number } | null {
  const space = bytes.indexOf(' ')
  if (space < 0) return null
  const end = space + 1 + Number(bytes.subarray(0, space).toString())
  return bytes.length < end ? null : { text: bytes.subarray(space + 1, end).toString(), end }
}

export interface Posted {
  headers: IncomingMessage['headers']
  body: string
}

/** A receiver of signed batches, with TLS where it has a name. Dying, it has read everything and answers nothing. */
export async function httpSink(name?: string): Promise<Sink<Posted>> {
  const made = name === undefined ? null : makeCertificate({ names: [name] })
  const take = (req: IncomingMessage, res: ServerResponse): void => {
    const chunks: Buffer[] = []
    req.on('data', (chunk) => chunks.push(chunk))
    req.on('end', () => {
      if (sink.diesAfter !== null && sink.got.length >= sink.diesAfter) return req.socket.destroy()
      sink.got.push({ headers: req.headers, body: Buffer.concat(chunks).toString() })
      res.writeHead(204).end()
    })
  }
  const server = made ? createTlsHttpServer({ cert: made.certificate, key: made.key }, take) : createServer(take)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const sink: Sink<Posted> = {
    ...{ port: (server.address() as AddressInfo).port, ca: made?.certificate ?? '', got: [], diesAfter: null },
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return sink
}

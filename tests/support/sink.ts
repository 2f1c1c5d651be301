import { once } from 'node:events'
import { createServer, type IncomingMessage, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'

/** A real HTTP server on loopback that counts who came. */
export interface Sink {
  readonly port: number
  readonly url: string
  connections: number
  readonly requests: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[]
  /** How it answers from now on; 204 unless told. */
  answer: RequestListener
  close(): Promise<void>
}

export async function startSink(): Promise<Sink> {
  const server = createServer(async (req, res) => {
    let body = ''
    for await (const chunk of req.setEncoding('utf8')) body += chunk
    sink.requests.push({ method: req.method ?? '', url: req.url ?? '', headers: req.headers, body })
    sink.answer(req, res)
  })
  server.on('connection', () => {
    sink.connections += 1
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo // It listens on TCP.
  const sink: Sink = {
    port,
    url: `http://127.0.0.1:${port}`,
    connections: 0,
    requests: [],
    answer: (_req, res) => res.writeHead(204).end(),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return sink
}

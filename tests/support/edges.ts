import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { type Agent, type IncomingHttpHeaders, request } from 'node:http'
import { request as requestSecurely } from 'node:https'
import { connect, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { PeerCertificate } from 'node:tls'
import { openToAll } from '../../server/domains/edges/access.js'
import { caddyEdge } from '../../server/domains/edges/caddy/caddy-edge.js'
import { directEdge } from '../../server/domains/edges/direct/direct-edge.js'
import { stopRelay } from '../../server/domains/edges/direct/relay-process.js'
import type { Edge, EdgeName, EdgeSite } from '../../server/domains/edges/edge.js'
import { LocalHost } from '../../server/platform/ssh/local-host.js'
import { type CaddyOptions, startCaddy, type TestCaddy } from './caddy.js'
import { freePort } from './ports.js'
import { prepareServer } from './sites.js'

/** An edge of either kind on a machine of its own: this one, with a root that is thrown away. */
export interface TestEdge {
  edge: Edge
  host: LocalHost
  /** Only of the kind `caddy`. */
  caddy: TestCaddy | null
  newSite(siteId?: string): Promise<EdgeSite>
  /** Under the lease number given, 1 unless told. */
  switchTo(site: EdgeSite, address: string, number?: number): Promise<void>
  stop(): Promise<void>
}

export async function startEdge(name: EdgeName, options: CaddyOptions = {}): Promise<TestEdge> {
  const root = await mkdtemp(join(tmpdir(), 'hostler-edge-'))
  const host = new LocalHost({ name: 'web-1', root })
  // The relay runs on the Node that Hostler brings, where the tests have fetched one already.
  prepareServer(host)
  const caddy = name === 'caddy' ? await startCaddy(options) : null
  const edge = caddy === null ? directEdge : caddyEdge({ door: { port: caddy.adminPort }, user: caddy.user })
  let made = 0
  return {
    edge,
    host,
    caddy,
    async newSite(siteId = `site-${++made}`) {
      return { siteId, folder: `${root}/sites/${siteId}`, port: await freePort(), hostnames: [], access: openToAll }
    },
    switchTo: (site, address, number = 1) =>
      edge.switchTo(host, site, address, { lockFile: `${site.folder}/lease`, number }),
    async stop() {
      if (caddy === null) await stopRelay(host)
      else await caddy.stop()
      await host.close()
      // The relay ends after what it is writing.
      await rm(root, { recursive: true, force: true, maxRetries: 10 })
    },
  }
}

export interface Got {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

/** Asks without `fetch`, which forbids some headers and tidies paths. */
export async function ask(
  port: number,
  path = '/',
  { method = 'GET', headers = {}, body = '', agent = false as Agent | false } = {},
): Promise<Got> {
  const asked = request({ host: '127.0.0.1', port, path, method, headers, agent })
  asked.end(body)
  const [response] = await once(asked, 'response')
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, headers: response.headers, body: text }
}

/** The same over TLS, as somebody who came by that name and trusts `ca` alone. */
export async function askSecurely(
  { port, name, ca }: { port: number; name: string; ca: string },
  path = '/',
  headers: Record<string, string> = {},
): Promise<Got & { shown: PeerCertificate }> {
  const to = { host: '127.0.0.1', port, servername: name, ca, agent: false } as const
  const asked = requestSecurely({ ...to, path, headers: { ...headers, host: name } })
  asked.end()
  const [response] = await once(asked, 'response')
  const shown = response.socket.getPeerCertificate()
  let text = ''
  for await (const chunk of response) text += chunk
  return { status: response.statusCode, headers: response.headers, body: text, shown }
}

/** Opens a WebSocket by hand and gives the socket and what came with the handshake. */
export async function openWebSocket(port: number): Promise<{ socket: Socket; greeting: string }> {
  const socket = connect(port, '127.0.0.1')
  const handshake = [
    'Connection: Upgrade',
    'Upgrade: websocket',
    'Sec-WebSocket-Version: 13',
    'Sec-WebSocket-Key: aGVsbG8=',
  ]
  socket.write(['GET /live HTTP/1.1', 'Host: example.test', ...handshake, '', ''].join('\r\n'))
  let greeting = ''
  while (!/\r\n\r\n.+\n/s.test(greeting)) greeting += await nextText(socket)
  return { socket, greeting }
}

export async function nextText(socket: Socket): Promise<string> {
  const [chunk] = await once(socket, 'data')
  return String(chunk)
}

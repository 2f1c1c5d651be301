import { existsSync } from 'node:fs'
import { type IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { createProxyServer } from 'http-proxy-3'
import { upstreamFolder } from '../../layout.js'
import { notAnsweringPage, nothingDeployedPage, pageHeaders } from '../../pages.js'
import type { AccessLog } from './access-log.js'
import { Agents } from './agents.js'
import { isEdgeCheck, prepareRequest, tidyAnswer } from './headers.js'
import type { RelaySite } from './sites.js'
import { upstreamNow } from './upstream-now.js'

/** Takes the requests of one site to its live instance. */
export class Passage {
  isClosing = false
  readonly #folder: string
  readonly #log: AccessLog
  readonly #agents = new Agents()
  // `toProxy`: the path goes on as it was asked, not tidied (`/a/../b`).
  readonly #proxy = createProxyServer({ toProxy: true })

  constructor(site: RelaySite, log: AccessLog) {
    this.#folder = upstreamFolder(site.folder)
    this.#log = log
    this.#proxy.on('proxyRes', (theirs, _request, response) => {
      tidyAnswer(theirs, response.shouldKeepAlive && !this.isClosing)
      // A torn answer must not look whole to the visitor.
      theirs.on('error', () => response.destroy())
      theirs.on('aborted', () => response.destroy())
    })
  }

  request(request: IncomingMessage, response: ServerResponse): void {
    if (this.isClosing) response.setHeader('Connection', 'close')
    if (isEdgeCheck(request)) {
      answer(response, existsSync(this.#folder) ? 204 : 404)
      return
    }
    this.#log.follow(request, response)
    if (prepareRequest(request)) this.#send(request, response)
    else answer(response, 400)
  }

  #send(request: IncomingMessage, response: ServerResponse, isSecondTime = false): void {
    const address = upstreamNow(this.#folder)
    if (address === null) {
      answer(response, 503, nothingDeployedPage)
      return
    }
    // Without an agent each request has its own connection, so one with a body never meets a connection being closed.
    const agent = isRepeatable(request) && !isSecondTime ? this.#agents.for(address) : undefined
    const options = { target: `http://${address}`, ...(agent === undefined ? {} : { agent }) }
    this.#proxy.web(request, response, options, () => {
      if (response.headersSent) response.destroy()
      else if (request.socket.destroyed) return
      else if (agent !== undefined) this.#send(request, response, true)
      else answer(response, 502, notAnsweringPage)
    })
  }

  upgrade(request: IncomingMessage, socket: Socket, head: Buffer): void {
    socket.on('error', () => socket.destroy())
    const address = upstreamNow(this.#folder)
    if (request.headers.upgrade?.toLowerCase() !== 'websocket') this.#ignoreUpgrade(request, socket)
    else if (!prepareRequest(request)) refuseUpgrade(socket, '400 Bad Request')
    else if (address === null) refuseUpgrade(socket, '503 Service Unavailable')
    else this.#passUpgrade(request, socket, head, address)
  }

  #passUpgrade(request: IncomingMessage, socket: Socket, head: Buffer, address: string): void {
    this.#proxy.ws(request, socket, head, { target: `http://${address}` }, () =>
      refuseUpgrade(socket, '502 Bad Gateway'),
    )
  }

  /** `curl --http2` offers h2c with a plain request; a server may answer as if it had not. */
  #ignoreUpgrade(request: IncomingMessage, socket: Socket): void {
    if (!isRepeatable(request)) {
      refuseUpgrade(socket, '400 Bad Request')
      return
    }
    delete request.headers.upgrade
    const response = new ServerResponse(request)
    response.shouldKeepAlive = false
    response.assignSocket(socket)
    response.on('finish', () => socket.end())
    this.request(request, response)
  }

  close(): void {
    this.#agents.close()
  }
}

/** May be sent again when a kept connection turns out to be closed: no body, and asking twice changes nothing. */
const isRepeatable = ({ method, headers }: IncomingMessage): boolean =>
  (method === 'GET' || method === 'HEAD') &&
  headers['transfer-encoding'] === undefined &&
  Number(headers['content-length'] ?? 0) === 0

function answer(response: ServerResponse, status: number, page = ''): void {
  response.writeHead(status, { ...(page === '' ? {} : pageHeaders), 'Content-Length': Buffer.byteLength(page) })
  response.end(page)
}

function refuseUpgrade(socket: Socket, status: string): void {
  if (socket.writable) socket.end(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`)
}

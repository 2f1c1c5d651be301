import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import { createServer as createNetServer, Server as NetServer, type Socket } from 'node:net'
import { setTimeout as wait } from 'node:timers/promises'
import { logFolder } from '../../layout.js'
import { AccessLog } from './access-log.js'
import { Passage } from './passage.js'
import type { RelaySite } from './sites.js'

/** A port that is taken may be one that Caddy is just giving up: a new door asks this often, and then at every look. */
const askAgainMs = 10
const askOftenMs = 15_000

/** The port of one site. */
export class SiteDoor {
  readonly site: RelaySite
  readonly #server: Server
  readonly #passage: Passage
  readonly #log: AccessLog
  readonly #sockets = new Set<Socket>()
  readonly #askOftenUntil = Date.now() + askOftenMs
  #opening: Promise<void> | null = null
  #isLeaving = false
  #said = ''

  constructor(site: RelaySite) {
    this.site = site
    this.#log = new AccessLog(`${logFolder(site.folder)}/access.log`)
    this.#passage = new Passage(site, this.#log)
    // No limit on a whole request (uploads take as long as they take), but headers must come at once.
    this.#server = createServer({
      requestTimeout: 0,
      headersTimeout: 30_000,
      keepAliveTimeout: 120_000,
      maxHeaderSize: 65_536,
    })
    this.#server.on('request', (request, response) => this.#passage.request(request, response))
    this.#server.on('upgrade', (request, socket: Socket, head) => this.#passage.upgrade(request, socket, head))
    this.#server.on('connection', (socket) => {
      this.#sockets.add(socket)
      socket.on('close', () => this.#sockets.delete(socket))
    })
  }

  /** Listens, if it does not yet. A port that is taken is said once and tried again at every look. */
  open(isShared = false): Promise<void> {
    this.#opening ??= this.#listen(isShared).finally(() => {
      this.#opening = null
    })
    return this.#opening
  }

  async #listen(isShared: boolean): Promise<void> {
    if (this.#server.listening || this.#isLeaving) return
    try {
      if (!isShared) await assertFree(this.site.port)
      this.#server.listen({ port: this.site.port, host: '::', backlog: 1024 })
      await once(this.#server, 'listening')
    } catch (error) {
      const text = `Port ${this.site.port} of site ${this.site.siteId}: ${error instanceof Error ? error.message : error}`
      if (text !== this.#said) console.error(text)
      this.#said = text
      if (Date.now() < this.#askOftenUntil) setTimeout(() => this.open(), askAgainMs)
    }
  }

  /**
   * Takes no new connection and asks the present ones to close with their next answer. Idle ones are left until their own end, since
   * one that is closed just as its visitor writes is a failed request. What is still open at the deadline is cut. They are asked
   * after `askAfterMs`, when somebody else may have the port and take their next one. `isLast`: nobody will, so idle ones are
   * worth nothing, and are not waited for.
   */
  async drain(withinMs: number, { askAfterMs = 0, isLast = false } = {}): Promise<void> {
    const deadline = Date.now() + withinMs
    this.#isLeaving = true
    await this.#opening
    // `http.Server.close` would close idle connections (Node 19 and later); the one it is built on does not.
    if (this.#server.listening) NetServer.prototype.close.call(this.#server)
    await wait(askAfterMs)
    this.#passage.isClosing = true
    while (this.#sockets.size > 0 && Date.now() < deadline) {
      if (isLast) this.#server.closeIdleConnections()
      await wait(100)
    }
    for (const socket of this.#sockets) socket.destroy()
    this.#passage.close()
    await this.#log.close()
  }
}

/** By a socket of its own: a worker that asks its holder twice for a port that is taken is ended by Node 24, with all its sites. */
async function assertFree(port: number): Promise<void> {
  const trial = createNetServer().listen({ port, host: '::', exclusive: true })
  await once(trial, 'listening')
  trial.close()
  await once(trial, 'close')
}

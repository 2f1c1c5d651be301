import { appendFile, mkdir, rename, stat } from 'node:fs/promises'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { dirname } from 'node:path'
import { plainAddress } from '../../../../platform/net.js'

const rotateAtBytes = 20 * 1024 * 1024
const keptFiles = 10
const writeEveryMs = 250
/** A disk that is full or slow must not fill the memory too. */
const mostWaitingLines = 20_000

/** One JSON line a request, in the words of Caddy's log, so that one reader understands both. */
export class AccessLog {
  readonly #file: string
  #lines: string[] = []
  #timer: NodeJS.Timeout | null = null
  #writing = Promise.resolve()

  constructor(file: string) {
    this.#file = file
  }

  follow(request: IncomingMessage, response: ServerResponse): void {
    const startedAt = performance.now()
    const seen = describe(request)
    const before = request.socket.bytesWritten
    response.on('close', () => {
      const length = Number(response.getHeader('content-length'))
      const size = Number.isNaN(length) ? Math.max(0, request.socket.bytesWritten - before) : length
      this.#add({ ...seen, duration: (performance.now() - startedAt) / 1000, size, status: response.statusCode })
    })
  }

  #add(entry: object): void {
    if (this.#lines.length < mostWaitingLines) this.#lines.push(`${JSON.stringify(entry)}\n`)
    this.#timer ??= setTimeout(() => {
      this.#timer = null
      this.#writing = this.#writing.then(() => this.#write())
    }, writeEveryMs)
  }

  async #write(): Promise<void> {
    const text = this.#lines.join('')
    this.#lines = []
    try {
      await mkdir(dirname(this.#file), { recursive: true })
      const sizeBytes = await stat(this.#file).then(
        (found) => found.size,
        () => 0,
      )
      if (sizeBytes > rotateAtBytes) await this.#rotate()
      await appendFile(this.#file, text, { mode: 0o640 })
    } catch (error) {
      // The site goes on without its log.
      console.error(`${this.#file}: ${error instanceof Error ? error.message : error}`)
    }
  }

  async #rotate(): Promise<void> {
    for (let number = keptFiles - 1; number >= 1; number--)
      await rename(`${this.#file}.${number}`, `${this.#file}.${number + 1}`).catch(() => undefined)
    await rename(this.#file, `${this.#file}.1`)
  }

  async close(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer)
    await this.#writing
    if (this.#lines.length > 0) await this.#write()
  }
}

function describe(request: IncomingMessage) {
  const { headers, socket } = request
  const kept = (['user-agent', 'referer'] as const).flatMap((name) =>
    headers[name] === undefined ? [] : [[name, [headers[name]]]],
  )
  return {
    level: 'info',
    ts: Date.now() / 1000,
    logger: 'http.log.access',
    msg: 'handled request',
    request: {
      remote_ip: plainAddress(socket.remoteAddress ?? ''),
      remote_port: String(socket.remotePort ?? ''),
      proto: `HTTP/${request.httpVersion}`,
      method: request.method,
      host: headers.host ?? '',
      uri: request.url,
      headers: Object.fromEntries(kept),
    },
  }
}

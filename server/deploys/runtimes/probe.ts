import { request } from 'node:http'
import type { Duplex } from 'node:stream'
import type { Host } from '../../platform/ssh/host.js'

export interface Probe {
  readonly isHealthy: boolean
  /** Null when no answer came. */
  readonly status: number | null
  /** For people: "It answered 200", "Nothing listens on port 8031 yet". */
  readonly reason: string
}

/** One GET from the machine itself, so neither the edge nor a firewall has a part in the answer. Redirects count as well. */
export async function probe(
  host: Host,
  port: number,
  path: string,
  options: { timeoutMs: number; signal?: AbortSignal },
): Promise<Probe> {
  const late = AbortSignal.timeout(options.timeoutMs)
  const signal = options.signal ? AbortSignal.any([options.signal, late]) : late
  let connection: Duplex | undefined
  try {
    connection = await before(signal, host.forward({ port }))
    const status = await ask(connection, path, port, signal)
    const isHealthy = status >= 200 && status < 400
    return { isHealthy, status, reason: `It answered ${status}${isHealthy ? '' : `, which is no success, at ${path}`}` }
  } catch (error) {
    options.signal?.throwIfAborted()
    const reason = late.aborted ? `It did not answer within ${options.timeoutMs / 1000} s` : whyNot(error, port)
    return { isHealthy: false, status: null, reason }
  } finally {
    connection?.destroy()
  }
}

function ask(connection: Duplex, path: string, port: number, signal: AbortSignal): Promise<number> {
  return new Promise((resolve, reject) => {
    const headers = { Host: `127.0.0.1:${port}`, 'User-Agent': 'Hostler-Health', Connection: 'close' }
    request({ createConnection: () => connection, path, headers, signal }, (response) => {
      response.destroy()
      resolve(response.statusCode ?? 0)
    })
      .on('error', reject)
      .end()
  })
}

/** A tunnel that opens too late is closed by nobody else. */
async function before(signal: AbortSignal, opening: Promise<Duplex>): Promise<Duplex> {
  const aborted = new Promise<never>((_, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true })
  })
  try {
    return await Promise.race([opening, aborted])
  } catch (error) {
    opening.then((late) => late.destroy()).catch(() => {})
    throw error
  }
}

/** Errors of sockets and of tunnels say the same in different words. */
function whyNot(error: unknown, port: number): string {
  const text = error instanceof Error ? `${'code' in error ? error.code : ''} ${error.message}` : ''
  if (/ECONNREFUSED|Connection refused|could not connect to its own port/i.test(text))
    return `Nothing listens on port ${port} yet`
  if (/ECONNRESET|socket hang up|EPIPE/i.test(text)) return 'It hung up without an answer'
  if (/HPE_|Parse Error/i.test(text)) return `What listens on port ${port} does not speak HTTP`
  if (/ERR_UNESCAPED_CHARACTERS/.test(text)) return 'The health path has characters that no address can have'
  return `It could not be asked (${text.trim().slice(0, 200)})`
}

import { type IncomingMessage, request } from 'node:http'
import type { Host } from '../../platform/ssh/host.js'

export interface Question {
  method: 'GET' | 'POST'
  path: string
  /** The `Host` header: what the program there takes itself to be. */
  name: string
  headers?: Record<string, string>
  body?: string
  timeoutMs: number
}

export interface Answer {
  status: number
  body: string
  /** Caddy 2.6 sends its ETag after the body, later ones before it. */
  etag: string | null
}

const longestAnswerBytes = 16 * 1024 * 1024

/** One HTTP request from the host to a program on it. Throws what the connection threw; the caller knows what that means. */
export async function ask(host: Host, to: { port: number } | { socket: string }, question: Question): Promise<Answer> {
  const signal = AbortSignal.timeout(question.timeoutMs)
  const connection = await host.forward(to)
  try {
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const asked = request({
        method: question.method,
        path: question.path,
        headers: { ...question.headers, host: question.name, connection: 'close' },
        createConnection: () => connection,
        signal,
      })
      asked.on('response', resolve).on('error', reject)
      asked.end(question.body)
    })
    const body = await readAll(response)
    const etag = response.headers.etag ?? response.trailers.etag ?? null
    return { status: response.statusCode ?? 0, body, etag }
  } finally {
    connection.destroy()
  }
}

async function readAll(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  for await (const chunk of response as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length
    if (sizeBytes > longestAnswerBytes) throw new Error('The answer is longer than 16 MiB')
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

import { createHmac, randomUUID } from 'node:crypto'
import { connect } from 'node:net'

export interface Answered {
  status: number
  ms: number
}

/** A push as GitHub sends it, as the bytes of its request: to make them is not what is measured. */
export function pushRequest(url: URL, secret: string, cloneUrl: string, after: string): Buffer {
  const commit = { id: after, message: 'Sell more', added: [], modified: ['index.html'], removed: [] }
  return requestOf(url, secret, 'push', {
    ...{ ref: 'refs/heads/main', before: 'a'.repeat(40), after, created: false, forced: false, commits: [commit] },
    ...{ head_commit: commit, pusher: { name: 'octocat' }, repository: { clone_url: cloneUrl } },
  })
}

/** What GitHub sends when a webhook was made: https://docs.github.com/en/webhooks/webhook-events-and-payloads#ping */
export const pingRequest = (url: URL, secret: string, cloneUrl: string): Buffer =>
  requestOf(url, secret, 'ping', { zen: 'Keep it logically awesome.', repository: { clone_url: cloneUrl } })

function requestOf(url: URL, secret: string, event: string, payload: object): Buffer {
  const body = JSON.stringify(payload)
  const headers = [
    `POST ${url.pathname} HTTP/1.1`,
    `Host: ${url.host}`,
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-GitHub-Event: ${event}`,
    `X-GitHub-Delivery: ${randomUUID()}`,
    `X-Hub-Signature-256: sha256=${createHmac('sha256', secret).update(body).digest('hex')}`,
  ]
  return Buffer.from(`${headers.join('\r\n')}\r\n\r\n${body}`)
}

/**
 * Sends it over a connection of its own, with as little work as can be: Git hosts are other machines, and what their part
 * costs here is taken from the panel. The time is until the first byte of the answer.
 */
export const deliver = (url: URL, request: Buffer): Promise<Answered> =>
  new Promise((resolve, reject) => {
    const began = performance.now()
    const socket = connect(Number(url.port), url.hostname)
    socket.once('error', reject)
    socket.once('data', (bytes) => {
      const status = Number(/^HTTP\/1\.1 (\d{3}) /.exec(bytes.toString('latin1'))?.[1])
      resolve({ status, ms: performance.now() - began })
      socket.destroy()
    })
    socket.write(request)
  })

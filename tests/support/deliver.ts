import { createHmac, randomUUID } from 'node:crypto'
import { sign } from '@octokit/webhooks-methods'

/** Sends it to the panel at that address, signed as GitHub signs; `headers` replace those that GitHub sends. */
export async function deliverTo(
  url: string,
  secret: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Response> {
  const text = typeof body === 'string' || Buffer.isBuffer(body) ? body : JSON.stringify(body)
  const sent = {
    'content-type': 'application/json',
    'x-github-event': 'push',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': await signatureOf(secret, text),
    ...headers,
  }
  return fetch(`${url}/webhooks/github`, { method: 'POST', headers: sent, body: text })
}

/** By GitHub's own library, where it signs such a thing at all. */
const signatureOf = async (secret: string, body: string | Buffer): Promise<string> =>
  secret !== '' && typeof body === 'string' && body !== ''
    ? sign(secret, body)
    : `sha256=${createHmac('sha256', secret).update(body).digest('hex')}`

/** How it was answered, and after how long. */
export async function timed(answer: () => Promise<Response>): Promise<{ status: number; ms: number }> {
  const began = performance.now()
  const { status } = await answer()
  return { status, ms: performance.now() - began }
}

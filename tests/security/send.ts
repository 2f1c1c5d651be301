import { Agent, request } from 'undici'

export interface Answer {
  readonly status: number
  readonly headers: Headers
  readonly text: string
}

export interface Sent {
  readonly method?: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/**
 * Not `fetch`, which does more for each request than the panel does to answer it, and there are twenty thousand of them.
 * Connections are kept, as a browser keeps them.
 */
const agent = new Agent({ connections: 16, headersTimeout: 60_000 })

/** No redirect is followed, and of a stream that goes on only the beginning is read. */
export async function send(url: string, { method = 'GET', headers = {}, body }: Sent = {}): Promise<Answer> {
  // `as`: undici names the methods that it knows, and passes on whatever it is given.
  const options = { method: method as 'GET', headers, dispatcher: agent, ...(body === undefined ? {} : { body }) }
  const answer = await request(url, options)
  const said = new Headers()
  for (const [name, values = []] of Object.entries(answer.headers))
    for (const value of [values].flat()) said.append(name, value)
  const isStream = said.get('content-type')?.startsWith('text/event-stream')
  return {
    status: answer.statusCode,
    headers: said,
    text: isStream ? await beginning(answer.body) : await answer.body.text(),
  }
}

async function beginning(body: AsyncIterable<Buffer>): Promise<string> {
  for await (const chunk of body) return chunk.toString()
  return ''
}

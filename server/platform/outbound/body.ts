import type { Dispatcher } from 'undici'
import { OutboundFault } from './fault.js'

const longestBytes = 1024 * 1024

/** The body as text, read no further than 1 MB. Throws `OutboundFault` for a longer or a packed one, and hangs up on it. */
export async function readBody(host: string, { headers, body }: Dispatcher.ResponseData): Promise<string> {
  const chunks: Buffer[] = []
  let sizeBytes = 0
  try {
    const packing = headers['content-encoding']
    if (packing !== undefined && packing !== 'identity')
      throw new OutboundFault('too-long', `${host} answered with a packed body, which was not asked for`)
    for await (const chunk of body as AsyncIterable<Buffer>) {
      sizeBytes += chunk.length
      if (sizeBytes > longestBytes) throw new OutboundFault('too-long', `${host} answered with more than 1 MB`)
      chunks.push(chunk)
    }
    return Buffer.concat(chunks).toString('utf8')
  } finally {
    // Nothing happens where all of it was read; else the connection ends here.
    body.on('error', () => undefined).destroy()
  }
}

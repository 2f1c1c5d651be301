import { Readable, type Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { Secret } from '../secret.js'
import type { Content } from './host.js'

/**
 * Writes the content and closes the input. Rejects when the content itself breaks off, so that half of it is never
 * taken for all; that the command stopped reading is not an error.
 */
export async function feed(stdin: Writable, content: Content | undefined): Promise<void> {
  stdin.on('error', () => {})
  if (!(content instanceof Readable)) {
    stdin.end(content instanceof Secret ? content.reveal() : content)
    return
  }
  stdin.once('close', () => content.unpipe(stdin).resume())
  content.pipe(stdin)
  await finished(content, { writable: false })
}

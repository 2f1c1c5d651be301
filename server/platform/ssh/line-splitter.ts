import { plainText } from './plain-text.js'

const newline = 0x0a
const carriageReturn = 0x0d

/**
 * Bytes to lines of plain text. Holds at most one line of `maxBytes`, whatever comes: the rest of a longer one is
 * dropped and said so. Bytes that are not UTF-8 become U+FFFD. Of a progress bar drawn with `\r`, the last state stays.
 */
export class LineSplitter {
  readonly #maxBytes: number
  #parts: Buffer[] = []
  #sizeBytes = 0
  #isCut = false
  /** A `\r` came last: followed by a newline it ends the line, by anything else it starts it anew. */
  #isReturned = false

  constructor(maxBytes = 16 * 1024) {
    this.#maxBytes = maxBytes
  }

  /** The lines that this chunk completes. */
  push(chunk: Buffer): string[] {
    const lines: string[] = []
    let from = 0
    for (let at = chunk.indexOf(newline); at !== -1; at = chunk.indexOf(newline, from)) {
      this.#append(chunk.subarray(from, at))
      lines.push(this.#take())
      from = at + 1
    }
    this.#append(chunk.subarray(from))
    return lines
  }

  /** The last line, when it did not end with a newline. */
  end(): string[] {
    return this.#sizeBytes > 0 ? [this.#take()] : []
  }

  #append(piece: Buffer): void {
    let end = piece.length
    while (end > 0 && piece[end - 1] === carriageReturn) end--
    if (end > 0) {
      const start = piece.lastIndexOf(carriageReturn, end - 1) + 1
      if (start > 0 || this.#isReturned) this.#reset()
      this.#keep(piece.subarray(start, end))
    }
    this.#isReturned = end < piece.length || (this.#isReturned && end === 0)
  }

  #keep(piece: Buffer): void {
    const room = this.#maxBytes - this.#sizeBytes
    if (piece.length > room) this.#isCut = true
    if (room <= 0) return
    // A copy: a slice would keep the whole chunk it was cut from in memory.
    const kept = Buffer.from(piece.subarray(0, room))
    this.#parts.push(kept)
    this.#sizeBytes += kept.length
  }

  #take(): string {
    const text = plainText(Buffer.concat(this.#parts).toString('utf8'))
    const line = this.#isCut ? `${text.replace(/\ufffd+$/, '')} … (line cut)` : text
    this.#reset()
    this.#isReturned = false
    return line
  }

  #reset(): void {
    this.#parts = []
    this.#sizeBytes = 0
    this.#isCut = false
  }
}

import type { RunOptions } from './host.js'
import { LineSplitter } from './line-splitter.js'

type StreamName = 'stdout' | 'stderr'

const lastLinesKept = 20
const lastLineLength = 500

/** Hands on the lines of a command up to a limit, and remembers the last ones for the sentence about its failure. */
export class Output {
  readonly lastLines: string[] = []
  readonly #onLine: RunOptions['onLine']
  readonly #splitters = { stdout: new LineSplitter(), stderr: new LineSplitter() }
  #roomBytes: number

  constructor(onLine: RunOptions['onLine'], maxBytes: number) {
    this.#onLine = onLine
    this.#roomBytes = maxBytes
  }

  write(chunk: Buffer, stream: StreamName): void {
    const hadRoom = this.#roomBytes >= 0
    this.#roomBytes -= chunk.length
    for (const line of this.#splitters[stream].push(chunk)) this.#take(line, stream, hadRoom)
    if (hadRoom && this.#roomBytes < 0) this.#onLine?.('… (too much output: the rest is not kept)', 'stderr')
  }

  end(): void {
    for (const stream of ['stdout', 'stderr'] as const) {
      for (const line of this.#splitters[stream].end()) this.#take(line, stream, this.#roomBytes >= 0)
    }
  }

  #take(line: string, stream: StreamName, isKept: boolean): void {
    this.lastLines.push(line.length > lastLineLength ? `${line.slice(0, lastLineLength)}…` : line)
    if (this.lastLines.length > lastLinesKept) this.lastLines.shift()
    if (isKept) this.#onLine?.(line, stream)
  }
}

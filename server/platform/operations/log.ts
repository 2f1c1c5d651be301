import type { TransactionOf } from '../db/doors.js'
import type { Secret } from '../secret.js'
import { SecretMask } from '../secret-mask.js'
import { insertLog, type LogLine, lastSequence } from './journal-queries.js'
import type { Lease } from './lease.js'

const batchLines = 64
const batchMs = 250
/** What one step may write; beyond it only the end is kept. A build that prints 100 MB must not fill the database. */
const stepLines = 5000
const keptTail = 200
const lineLength = 4000

type Also = (db: TransactionOf<'system'>) => Promise<void>

/**
 * The operation's log: numbered, in batches, with secrets masked as they are written. Nothing is lost by a kill but the
 * last quarter of a second.
 */
export class OperationLog {
  readonly #lease: Lease
  readonly #secrets = new SecretMask()
  #waiting: LogLine[] = []
  #tail: LogLine[] = []
  #written = 0
  #leftOut = 0
  #sequence: number | null = null
  #flushedAt = Number.NEGATIVE_INFINITY
  #timer: NodeJS.Timeout | undefined
  #writing: Promise<void> = Promise.resolve()

  constructor(lease: Lease) {
    this.#lease = lease
  }

  write(step: number, stream: LogLine['stream'], text: string): void {
    const entry = { step, stream, line: this.mask(text).slice(0, lineLength), at: new Date() }
    if (this.#written++ < stepLines) this.#add(entry)
    else this.#leaveOut(entry)
  }

  hide(secret: Secret): void {
    this.#secrets.hide(secret)
  }

  mask(text: string): string {
    return this.#secrets.mask(text)
  }

  /**
   * Writes what waits, and the end of what was left out; `also` is done in the same transaction. Throws `LeaseLost` when
   * it is not ours to write.
   */
  async endStep(also?: Also): Promise<void> {
    if (this.#leftOut > this.#tail.length) {
      const [first] = this.#tail
      if (first)
        this.#add({ ...first, stream: 'note', line: `${this.#leftOut - this.#tail.length} lines are left out here` })
    }
    for (const entry of this.#tail) this.#add(entry)
    this.#tail = []
    this.#written = 0
    this.#leftOut = 0
    await this.#flush(also)
  }

  #leaveOut(entry: LogLine): void {
    this.#leftOut++
    this.#tail.push(entry)
    if (this.#tail.length > keptTail) this.#tail.shift()
  }

  #add(entry: LogLine): void {
    this.#waiting.push(entry)
    // A failed write is not lost: its lines wait for the next, and `endStep` reports it.
    if (this.#waiting.length >= batchLines) void this.#flush().catch(() => undefined)
    else this.#timer ??= setTimeout(() => void this.#flush().catch(() => undefined), this.#restOfBatchMs())
  }

  /** A line after a silence is shown at once; those that follow soon are gathered. */
  #restOfBatchMs(): number {
    return Math.max(0, this.#flushedAt + batchMs - performance.now())
  }

  #flush(also?: Also): Promise<void> {
    clearTimeout(this.#timer)
    this.#timer = undefined
    this.#flushedAt = performance.now()
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#writeBatch(also))
    return this.#writing
  }

  async #writeBatch(also?: Also): Promise<void> {
    const lines = this.#waiting
    if (lines.length === 0 && !also) return
    this.#waiting = []
    try {
      const after = await this.#lease.write(async (db) => {
        const last = this.#sequence ?? (await lastSequence(db, this.#lease.operation.id))
        if (lines.length > 0) await insertLog(db, this.#lease.operation, last, lines)
        await also?.(db)
        return last
      })
      this.#sequence = after + lines.length
    } catch (error) {
      this.#waiting = [...lines, ...this.#waiting]
      throw error
    }
  }
}

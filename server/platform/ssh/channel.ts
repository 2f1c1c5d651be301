import type { EventEmitter } from 'node:events'
import type { Readable, Writable } from 'node:stream'

/** One running command, over SSH or not. */
export interface Channel {
  readonly stdin: Writable
  readonly stdout: Readable
  readonly stderr: Readable
  /** Resolves when the command has ended and its output was read; rejects with `UserError` when the link is lost. */
  readonly ended: Promise<Exit>
  /** Lets go of it. That ends nothing on the machine. */
  close(): void
}

/** Both null when the machine never said how it ended. */
export interface Exit {
  readonly code: number | null
  readonly signal: string | null
}

/**
 * A child process and an ssh2 channel tell of their end alike: `exit`, then `close` when the output is read. A process
 * left in the background may hold the output open for ever, so after `exit` two silent seconds count as `close`. Call it in the tick in which the emitter was made.
 */
export function whenEnded(
  emitter: EventEmitter,
  output: readonly Readable[],
  lost: () => Error | undefined,
): Promise<Exit> {
  return new Promise((resolve, reject) => {
    let exit: Exit | undefined
    let silence: NodeJS.Timeout | undefined
    let isClosed = false
    const finish = () => {
      isClosed = true
      clearTimeout(silence)
      const error = exit ? undefined : lost()
      if (error) reject(error)
      else resolve(exit ?? { code: null, signal: null })
    }
    const listen = () => {
      clearTimeout(silence)
      if (!isClosed) silence = setTimeout(finish, 2000)
    }

    emitter.once('exit', (code: number | null, signal?: string | null) => {
      exit = { code: code ?? null, signal: signal ?? null }
      // Not at once: a listener starts the flow, and who wants the output may be about to listen.
      setImmediate(() => {
        listen()
        for (const stream of output) stream.on('data', listen)
      })
    })
    emitter.once('close', finish)
  })
}

export interface FailedCommand {
  /** The machine's name. */
  readonly host: string
  /** The command as `toDisplay` shows it. */
  readonly display: string
  /** Null when it ended by a signal, or when the machine never said how it ended. */
  readonly exitCode: number | null
  readonly signal: string | null
  /** The last lines of both streams, as plain text. */
  readonly lastLines: readonly string[]
  /** Somebody was told each line as it came. */
  readonly isHeard: boolean
}

/** A command on a machine failed. `explain` turns it into a sentence; the message is for the log. */
export class RemoteCommandError extends Error implements FailedCommand {
  readonly host: string
  readonly display: string
  readonly exitCode: number | null
  readonly signal: string | null
  readonly lastLines: readonly string[]
  readonly isHeard: boolean

  constructor(failed: FailedCommand, message = `${failed.display} on ${failed.host} ended with ${howItEnded(failed)}`) {
    super(message)
    this.name = 'RemoteCommandError'
    this.host = failed.host
    this.display = failed.display
    this.exitCode = failed.exitCode
    this.signal = failed.signal
    this.lastLines = failed.lastLines
    this.isHeard = failed.isHeard
  }
}

/** Its time ran out, and its whole process group was ended. */
export class CommandTimeoutError extends RemoteCommandError {
  readonly timeoutMs: number

  constructor(failed: FailedCommand, timeoutMs: number) {
    super(failed, `${failed.display} on ${failed.host} did not finish in ${timeoutMs} ms`)
    this.name = 'CommandTimeoutError'
    this.timeoutMs = timeoutMs
  }
}

/** `capture` was given more than it may hold; the command was ended. */
export class OutputTooLargeError extends RemoteCommandError {
  readonly maxBytes: number

  constructor(failed: FailedCommand, maxBytes: number) {
    super(failed, `${failed.display} on ${failed.host} printed more than ${maxBytes} bytes`)
    this.name = 'OutputTooLargeError'
    this.maxBytes = maxBytes
  }
}

/** A later worker holds the lease: nothing was done, and this worker must stop (see `fenced`). */
export class StaleLeaseError extends RemoteCommandError {
  constructor(failed: FailedCommand) {
    super(failed, `${failed.host} refused ${failed.display}: a later worker has taken over`)
    this.name = 'StaleLeaseError'
  }
}

function howItEnded({ exitCode, signal }: FailedCommand): string {
  if (signal !== null) return `signal ${signal}`
  return exitCode === null ? 'no exit code' : `exit code ${exitCode}`
}

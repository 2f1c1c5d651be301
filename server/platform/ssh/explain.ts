import { UserError } from '../errors.js'
import { type Explanation, explanations } from './explanations.js'
import {
  CommandTimeoutError,
  OutputTooLargeError,
  RemoteCommandError,
  StaleLeaseError,
} from './remote-command-error.js'

export interface Advice {
  /** What happened, and to what. */
  readonly message: string
  /** What to do now. */
  readonly hint: string
}

/** A sentence and an advice for any error; what it does not know stays general, so it never throws. */
export function explain(error: unknown): Advice {
  if (error instanceof UserError) return { message: error.message, hint: error.hint ?? 'Try again.' }
  if (!(error instanceof RemoteCommandError))
    return { message: 'Something went wrong', hint: 'Try again. The log has the details.' }
  return ofOurOwn(error) ?? ofTheTable(error) ?? unknownFailure(error)
}

function ofOurOwn(error: RemoteCommandError): Advice | undefined {
  if (error instanceof StaleLeaseError) {
    return {
      message: `Another worker has taken over this work on ${error.host}`,
      hint: 'Nothing was changed. Follow the operation that is running now.',
    }
  }
  if (error instanceof CommandTimeoutError) {
    return {
      message: `${short(error)} did not finish within ${duration(error.timeoutMs)} on ${error.host}`,
      hint: 'It was stopped. If its last lines show that it was still getting on, allow it more time; else it waits for something.',
    }
  }
  if (error instanceof OutputTooLargeError) {
    return {
      message: `${short(error)} on ${error.host} printed more than the panel accepts`,
      hint: 'It was stopped. Check on that server why it prints so much.',
    }
  }
  return undefined
}

function ofTheTable(error: RemoteCommandError): Advice | undefined {
  const lines = error.lastLines.toReversed()
  for (const explanation of explanations) {
    const { line: pattern } = explanation
    const match = pattern && lines.map((line) => pattern.exec(line)).find((found) => found !== null)
    if (match) return advice(explanation, error, match.slice(1).find(Boolean))
  }
  const byCode = explanations.find(({ exitCode }) => exitCode !== undefined && exitCode === codeOf(error))
  return byCode && advice(byCode, error)
}

const advice = ({ message, hint }: Explanation, error: RemoteCommandError, found?: string): Advice => ({
  message: message(error.host, found),
  hint,
})

/** A shell reports a signal as 128 and its number; so do we, whichever way it came. */
const signals: Record<string, number> = { KILL: 137, SEGV: 139, TERM: 143 }
const codeOf = ({ exitCode, signal }: RemoteCommandError) => exitCode ?? signals[(signal ?? '').replace(/^SIG/, '')]

function unknownFailure(error: RemoteCommandError): Advice {
  if (error.exitCode === null && error.signal === null) {
    return {
      message: `${error.host} did not say how ${short(error)} ended`,
      hint: 'The server may have been restarted meanwhile. Check that it is well, then try again.',
    }
  }
  return {
    message: `${short(error)} failed on ${error.host}${error.exitCode === null ? '' : ` with exit code ${error.exitCode}`}`,
    hint: 'Its last lines say why.',
  }
}

/** The command without what only sets it up: its surroundings say nothing to a person. */
function short({ display }: RemoteCommandError): string {
  const command = display.replace(/^(?:env )?(?:[A-Z_]+=(?:'[^']*'|\S*) )+/, '')
  return command.length > 80 ? `${command.slice(0, 80)}…` : command
}

function duration(ms: number): string {
  const seconds = Math.max(1, Math.round(ms / 1000))
  const [count, unit] = seconds < 120 ? [seconds, 'second'] : [Math.round(seconds / 60), 'minute']
  return `${count} ${unit}${count === 1 ? '' : 's'}`
}

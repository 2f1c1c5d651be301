import { type Command, cmd } from '../shell/command.js'
import { toShell } from '../shell/render.js'
import { type FailedCommand, StaleLeaseError } from './remote-command-error.js'
import type { Scripts } from './scripts.js'

const staleExitCode = 75

/**
 * The command, held back by the machine itself when a higher `number` has been there: a lease in Postgres cannot stop a
 * worker that slept between its check and its command. Whoever runs it gets `StaleLeaseError`, and nothing was done.
 * Others with the same lock file wait until it has ended.
 */
export const fenced = (scripts: Scripts, lockFile: string, number: number | bigint, command: Command): Command =>
  cmd(scripts('fenced.sh'), lockFile, String(number), ...wordsOf(command))

const wordsOf = (command: Command) => (command.kind === 'exec' ? command.words : ['sh', '-c', toShell(command)])

/** Other programs may end with that code too, so the script's own words decide. */
export function throwIfStale(finished: FailedCommand): void {
  if (finished.exitCode !== staleExitCode) return
  if (finished.lastLines.some((line) => /^hostler: lease \d+ is stale/.test(line))) throw new StaleLeaseError(finished)
}

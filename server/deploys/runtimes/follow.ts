import type { Command } from '../../platform/shell/command.js'
import type { Host } from '../../platform/ssh/host.js'
import type { LogsOptions } from './runtime.js'

const dayMs = 24 * 60 * 60 * 1000

/** Runs a command that prints a log. A reader who goes away is its ordinary end, not a failure. */
export async function followLogs(
  host: Host,
  command: Command,
  { follow, onLine, signal }: LogsOptions,
  parse: (line: string) => { at: Date | null; text: string },
): Promise<void> {
  try {
    await host.run(command, {
      timeoutMs: follow ? dayMs : 60_000,
      signal,
      maxBytes: Number.MAX_SAFE_INTEGER,
      onLine: (line) => {
        const { at, text } = parse(line)
        onLine(text, at)
      },
    })
  } catch (error) {
    if (!signal.aborted) throw error
  }
}

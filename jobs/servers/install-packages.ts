import { setTimeout as pause } from 'node:timers/promises'
import type { Command } from '../../server/platform/shell/command.js'
import type { Host } from '../../server/platform/ssh/host.js'
import { RemoteCommandError } from '../../server/platform/ssh/remote-command-error.js'
import { finishInterrupted, installPackages, refreshPackageLists } from '../../server/servers/commands.js'

interface Io {
  signal: AbortSignal
  log: { line: (line: string, stream?: 'stdout' | 'stderr') => void; note: (sentence: string) => void }
}

const onceMs = 15 * 60_000
const lockPauseMs = 2000
const isLocked = /Could not get lock|Unable to (?:lock|acquire)|dpkg frontend lock|is another process using it/

/** Installs these from the machine's own sources, waiting for whoever else is installing there. */
export async function install(host: Host, packages: readonly string[], io: Io): Promise<void> {
  await patiently(host, finishInterrupted(), io)
  await patiently(host, refreshPackageLists(), io)
  await patiently(host, installPackages(packages), io)
}

/** Until the step's deadline: the lock's holder is mostly the system's own automatic updates. */
async function patiently(host: Host, command: Command, { signal, log }: Io): Promise<void> {
  for (let isSaid = false; ; ) {
    try {
      return await host.run(command, {
        timeoutMs: onceMs,
        signal,
        onLine: log.line,
        groupFile: `${host.root}/install.group`,
      })
    } catch (error) {
      const isWaiting = error instanceof RemoteCommandError && error.lastLines.some((line) => isLocked.test(line))
      if (!isWaiting) throw error
      if (!isSaid) log.note('Another program is installing packages there; waiting until it is done')
      isSaid = true
    }
    await pause(lockPauseMs, undefined, { signal })
  }
}

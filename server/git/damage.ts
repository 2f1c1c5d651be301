import { conflict } from '../platform/errors.js'
import { cmd } from '../platform/shell/command.js'
import type { Host } from '../platform/ssh/host.js'
import { CommandTimeoutError, RemoteCommandError } from '../platform/ssh/remote-command-error.js'
import { checkConnections, partsOf } from './commands.js'
import { explainFault } from './faults.js'
import { limits } from './io.js'
import type { Remote } from './remote.js'

const signs = [
  /unable to read (?:sha1 file|tree)|unable to unpack|inflate: data stream/i,
  /object file .* is (?:empty|corrupt)|loose object|hash mismatch|bad object|corrupt/i,
  /packfile .*(?:does not match|far too short|cannot be|is not)|packed object|pack has|index file .*\.idx/i,
]

/** What Git says when its own files are broken. It may say so and succeed all the same, by fetching twice. */
export const tellsOfDamage = (line: string): boolean => signs.some((sign) => sign.test(line))

/** Only a failure that neither the other side nor a full disk explains is worth the reading of the whole copy. */
export async function isDamaged(host: Host, remote: Remote, error: unknown): Promise<boolean> {
  if (!(error instanceof RemoteCommandError) || error instanceof CommandTimeoutError) return false
  const text = error.lastLines.join('\n')
  if (explainFault(error, remote) || /No space left|quota exceeded|Host key verification/i.test(text)) return false
  return (await host.status(checkConnections(remote.folder), { timeoutMs: limits.fetchMs })) !== 0
}

/** The next `ensureMirror` starts from nothing. */
export const discard = (host: Host, folder: string): Promise<void> =>
  host.run(cmd('rm', '-rf', '--', partsOf(folder).repository), { timeoutMs: limits.readMs })

export const wasDamaged = (host: Host) =>
  conflict(
    `The copy of the repository on ${host.name} was damaged and has been removed`,
    'Deploy again: it is fetched anew. If this comes back, check the disk of that server.',
  )

import { createHash, randomUUID } from 'node:crypto'
import { all, cmd, either } from '../platform/shell/command.js'
import type { Host } from '../platform/ssh/host.js'
import { tar } from './tar.js'

/** Relative path to content. */
export type FileSet = ReadonlyMap<string, Buffer>

const timeoutMs = 60_000

/**
 * Puts a set of our own files on a machine and returns their folder there. The folder is named by what the files hold,
 * so it is sent once, never changed while something runs from it, and a newer panel puts its own beside it.
 */
export async function ensureFiles(host: Host, name: string, files: FileSet): Promise<string> {
  const archive = tar(files)
  const hash = createHash('sha256').update(archive).digest('hex').slice(0, 16)
  const folder = `${host.root}/tools/${name}-${hash}`
  if ((await host.status(cmd('test', '-d', folder), { timeoutMs })) === 0) return folder

  const partial = `${folder}.${randomUUID()}`
  await host.run(cmd('mkdir', '-p', '--', partial), { timeoutMs })
  await host.run(cmd('tar', '-xf', '-', '--no-same-owner', '-C', partial), { timeoutMs, stdin: archive })
  // Sites' users read these, whatever the umask of the login shell says.
  const opened = cmd('chmod', '-R', 'a+rX,go-w', '--', `${host.root}/tools`)
  const named = cmd('mv', '-T', '--', partial, folder)
  // Somebody else was faster: theirs holds the same.
  const given = all(cmd('test', '-d', folder), cmd('rm', '-rf', '--', partial))
  await host.run(all(opened, either(named, given)), { timeoutMs })
  return folder
}

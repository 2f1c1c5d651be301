import { UserError } from '../platform/errors.js'
import { all, cmd } from '../platform/shell/command.js'
import type { Host } from '../platform/ssh/host.js'
import { RemoteCommandError } from '../platform/ssh/remote-command-error.js'
import { checkOut, keepCommit, listLargeFiles, listSubmodules, partsOf } from './commands.js'
import { discard, tellsOfDamage, wasDamaged } from './damage.js'
import { aloud, type GitIo, limits, quietly } from './io.js'
import { type CommitSha, shortSha } from './ref-name.js'

export interface CheckOut {
  readonly folder: string
  readonly sha: CommitSha
  /** Made afresh: what is there is removed first. Must lie under the host's root. */
  readonly into: string
}

/**
 * Writes the files of a commit of the mirror, exactly, with no .git beside them. Symlinks are written as they are and
 * never followed. Returns at most 20 of the files that are only Git LFS pointers. Throws `UserError` for submodules.
 */
export async function checkout(
  host: Host,
  { folder, sha, into }: CheckOut,
  io: GitIo = {},
): Promise<{ lfsFiles: string[] }> {
  if (!into.startsWith(`${host.root}/`) || into.split('/').includes('..'))
    throw new Error(`${into} is not under ${host.root}`)
  const lines = (await write(host, { folder, sha, into }, io)).split('\n').filter(Boolean)
  // Of a submodule Git says before a tab what it is; a tab in a name would be quoted.
  const submodules = lines.filter((line) => line.includes('\t')).map((line) => line.slice(line.indexOf('\t') + 1))
  if (submodules.length > 0) {
    await host.run(cmd('rm', '-rf', '--', into), quietly(io, limits.checkOutMs))
    throw hasSubmodules(sha, submodules)
  }
  const lfsFiles = lines.filter((line) => !line.includes('\t'))
  if (lfsFiles.length > 0)
    io.onLine?.(`Git LFS files are not downloaded; these hold only a pointer: ${lfsFiles.join(', ')}`, 'stderr')
  return { lfsFiles }
}

const hasSubmodules = (sha: CommitSha, paths: readonly string[]): UserError =>
  new UserError(
    422,
    `The commit ${shortSha(sha)} has submodules, which Hostler does not fetch: ${paths.join(', ')}`,
    'Commit those files to the repository itself, or let its package manager install them.',
  )

/** Returns the submodules, and then the names of large files, one a line; what Git says of its work is for people. */
async function write(host: Host, { folder, sha, into }: CheckOut, io: GitIo): Promise<string> {
  const onLine: GitIo['onLine'] = (line, stream) => stream === 'stderr' && io.onLine?.(line, stream)
  try {
    const options = { ...aloud({ ...io, onLine }, limits.checkOutMs), groupFile: partsOf(folder).group }
    const lists = [listSubmodules(folder, sha), checkOut(folder, sha, into), listLargeFiles(folder, into)]
    return await host.capture(all(keepCommit(folder, sha), ...lists), options)
  } catch (error) {
    if (!(error instanceof RemoteCommandError && error.lastLines.some(tellsOfDamage))) throw error
    await discard(host, folder)
    throw wasDamaged(host)
  }
}

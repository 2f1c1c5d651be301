import { UserError } from '../platform/errors.js'
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
  await refuseSubmodules(host, folder, sha, io)
  await host.run(keepCommit(folder, sha), quietly(io, limits.readMs))
  await write(host, { folder, sha, into }, io)

  const list = await host.capture(listLargeFiles(folder, into), quietly(io, limits.readMs))
  const lfsFiles = list.split('\n').filter(Boolean)
  if (lfsFiles.length > 0)
    io.onLine?.(`Git LFS files are not downloaded; these hold only a pointer: ${lfsFiles.join(', ')}`, 'stderr')
  return { lfsFiles }
}

async function refuseSubmodules(host: Host, folder: string, sha: CommitSha, io: GitIo): Promise<void> {
  const lines = (await host.capture(listSubmodules(folder, sha), quietly(io, limits.checkOutMs)))
    .split('\n')
    .filter(Boolean)
  if (lines.length === 0) return
  const paths = lines.map((line) => line.slice(line.indexOf('\t') + 1))
  throw new UserError(
    422,
    `The commit ${shortSha(sha)} has submodules, which Hostler does not fetch: ${paths.join(', ')}`,
    'Commit those files to the repository itself, or let its package manager install them.',
  )
}

async function write(host: Host, work: CheckOut, io: GitIo): Promise<void> {
  try {
    const options = { ...aloud(io, limits.checkOutMs), groupFile: partsOf(work.folder).group }
    await host.run(checkOut(work.folder, work.sha, work.into), options)
  } catch (error) {
    if (!(error instanceof RemoteCommandError && error.lastLines.some(tellsOfDamage))) throw error
    await discard(host, work.folder)
    throw wasDamaged(host)
  }
}

import { conflict } from '../platform/errors.js'
import { all } from '../platform/shell/command.js'
import type { Host } from '../platform/ssh/host.js'
import { RemoteCommandError } from '../platform/ssh/remote-command-error.js'
import { fetchAll, fetchOne, initialize, lookUp, partsOf, tidy } from './commands.js'
import { withAccess } from './credentials.js'
import { discard, isDamaged, tellsOfDamage, wasDamaged } from './damage.js'
import { aloud, type GitIo, limits, quietly } from './io.js'
import type { RemoteAccess } from './lockdown.js'
import { type BranchName, type CommitSha, parseCommitSha, shortSha } from './ref-name.js'
import type { Remote } from './remote.js'
import { repositoryName } from './repository-links.js'

/**
 * Makes the host's bare copy of a repository, or brings it up to date. Safe to run again at any time: what a lost run
 * left (its processes, locks, credentials) is removed first, and a damaged copy is thrown away and fetched anew.
 * Only one call per folder at a time; the lease on the site sees to that.
 */
export async function ensureMirror(host: Host, remote: Remote, io: GitIo = {}): Promise<void> {
  await withAccess(host, remote, io, async (access) => {
    if (await refresh(host, remote, access, io)) return
    io.onLine?.('The copy of the repository on this server was damaged. It is fetched anew.', 'stderr')
    await discard(host, remote.folder)
    if (!(await refresh(host, remote, access, io))) throw wasDamaged(host)
  })
}

/** The newest commit of a branch, as of the last `ensureMirror`. Throws `UserError` 409 when the branch is gone. */
export async function resolveCommit(
  host: Host,
  remote: Remote,
  branch: BranchName,
  io: GitIo = {},
): Promise<CommitSha> {
  return (await findCommit(host, remote.folder, branchRef(branch), io)) ?? branchIsGone(remote, branch)
}

export const branchRef = (branch: BranchName): string => `refs/heads/${branch}`

export function branchIsGone(remote: Remote, branch: BranchName): never {
  throw conflict(
    `The branch ${branch} is not in ${repositoryName(remote.url)}`,
    'It was renamed or deleted, or has no commit yet. Choose another branch in the settings of the site.',
  )
}

/**
 * Sees to it that the mirror has exactly this commit, also when the branch was force-pushed past it. Throws `UserError`
 * 409 when nobody has it any more.
 */
export async function fetchCommit(
  host: Host,
  remote: Remote,
  wanted: { sha: CommitSha; branch: BranchName },
  io: GitIo = {},
): Promise<void> {
  if (await hasCommit(host, remote.folder, wanted.sha, io)) return
  await withAccess(host, remote, io, async (access) => {
    try {
      await host.run(fetchOne(remote.folder, access, wanted.sha), options(remote, io))
    } catch (error) {
      throw isGone(error) ? commitIsGone(remote, wanted) : error
    }
  })
  if (!(await hasCommit(host, remote.folder, wanted.sha, io))) throw commitIsGone(remote, wanted)
}

export const hasCommit = async (host: Host, folder: string, sha: CommitSha, io: GitIo = {}): Promise<boolean> =>
  (await findCommit(host, folder, sha, io)) !== null

/** False when the copy turned out to be damaged. */
async function refresh(host: Host, remote: Remote, access: RemoteAccess, io: GitIo): Promise<boolean> {
  let isSound = true
  const onLine: typeof io.onLine = (line, stream) => {
    if (tellsOfDamage(line)) isSound = false
    else io.onLine?.(line, stream)
  }
  try {
    // One command, so that the processes of a lost run are gone before their locks are removed.
    const { folder } = remote
    const work = all(tidy(folder, access.secrets), initialize(folder), fetchAll(folder, access))
    await host.run(work, options(remote, { ...io, onLine }))
  } catch (error) {
    if (isSound && !(await isDamaged(host, remote, error))) throw error
    return false
  }
  return isSound
}

const options = (remote: Remote, io: GitIo) => ({
  ...aloud(io, limits.fetchMs),
  groupFile: partsOf(remote.folder).group,
})

export async function findCommit(host: Host, folder: string, name: string, io: GitIo): Promise<CommitSha | null> {
  const answer = await host.capture(lookUp({ folder }), { ...quietly(io, limits.readMs), stdin: `${name}^{commit}\n` })
  const [hash = '', type] = answer.trim().split(' ')
  return type === 'commit' ? parseCommitSha(hash) : null
}

const isGone = (error: unknown): boolean =>
  error instanceof RemoteCommandError &&
  error.lastLines.some((line) =>
    /not our ref|unadvertised object|couldn't find remote ref|did not send all necessary/.test(line),
  )

const commitIsGone = (remote: Remote, { sha, branch }: { sha: CommitSha; branch: BranchName }) =>
  conflict(
    `The commit ${shortSha(sha)} of the branch ${branch} is no longer in ${repositoryName(remote.url)}`,
    `The branch was probably force-pushed. Deploy the newest commit of ${branch} instead.`,
  )

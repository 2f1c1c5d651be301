import { randomUUID } from 'node:crypto'
import { cmd } from '../platform/shell/command.js'
import type { Host } from '../platform/ssh/host.js'
import { askBranch, fetchPartial, initialize, listRemote } from './commands.js'
import { withAccess } from './credentials.js'
import { type GitIo, limits, quietly } from './io.js'
import { resolveCommit } from './mirror.js'
import { type BranchName, type CommitSha, parseBranchName, parseCommitSha } from './ref-name.js'
import type { Source } from './remote.js'
import { type SourceTree, sourceTree } from './tree.js'

export interface Branches {
  /** Null when the repository has no commit yet, or its HEAD names a branch that is gone. */
  readonly defaultBranch: BranchName | null
  readonly branches: readonly { readonly name: BranchName; readonly sha: CommitSha }[]
}

/** Asks the Git server itself. Throws `UserError` with a sentence when it does not let us in. */
export async function listBranches(host: Host, source: Source, io: GitIo = {}): Promise<Branches> {
  return inPassing(host, async (folder) =>
    withAccess(host, { ...source, folder }, io, async (access) => {
      const options = { ...quietly(io, limits.probeMs), maxBytes: 8 * 1024 * 1024 }
      return parseBranches(await host.capture(listRemote(access), options))
    }),
  )
}

/** The newest commit of a branch; null when the repository has no such branch. */
export async function newestCommit(
  host: Host,
  source: Source & { readonly branch: BranchName },
  io: GitIo = {},
): Promise<CommitSha | null> {
  return inPassing(host, async (folder) =>
    withAccess(host, { ...source, folder }, io, async (access) => {
      const answer = await host.capture(askBranch(access, source.branch), quietly(io, limits.probeMs))
      // A pattern of ls-remote matches the end of a name too: refs/heads/x/refs/heads/main.
      const line = answer.split('\n').find((one) => one.endsWith(`\trefs/heads/${source.branch}`))
      const [sha, name] = line?.split('\t') ?? []
      return sha !== undefined && name === `refs/heads/${source.branch}` ? parseCommitSha(sha) : null
    }),
  )
}

/** Lends the files of the newest commit of a branch to `work`; only those that it reads are downloaded. */
export async function peek<T>(
  host: Host,
  source: Source & { readonly branch: BranchName },
  io: GitIo,
  work: (tree: SourceTree, sha: CommitSha) => Promise<T>,
): Promise<T> {
  return inPassing(host, async (folder) =>
    withAccess(host, { ...source, folder }, io, async (access) => {
      await host.run(initialize(folder), quietly(io, limits.probeMs))
      await host.run(fetchPartial(folder, access, source.branch), quietly(io, limits.probeMs))
      const sha = await resolveCommit(host, { ...source, folder }, source.branch, io)
      return work(sourceTree(host, { folder, access }, sha, io), sha)
    }),
  )
}

const probes = (host: Host): string => `${host.root}/tmp/git-probes`

/** A folder for one question. What a killed panel left behind goes with the next question an hour later. */
async function inPassing<T>(host: Host, work: (folder: string) => Promise<T>): Promise<T> {
  const options = { timeoutMs: limits.readMs }
  const folder = `${probes(host)}/${randomUUID()}`
  await host.run(cmd('mkdir', '-p', '-m', '700', '--', probes(host), folder), options)
  // Its exit code says nothing: another question may be sweeping too.
  await host.status(
    cmd('find', probes(host), '-mindepth', 1, '-maxdepth', 1, '-mmin', '+60', '-exec', 'rm', '-rf', '--', '{}', '+'),
    options,
  )
  try {
    return await work(folder)
  } finally {
    await host.run(cmd('rm', '-rf', '--', folder), options)
  }
}

/** Names that Git allows but we refuse (a leading dash) are left out, like the other's references that are no branch. */
function parseBranches(text: string): Branches {
  const lines = text.split('\n').map((line) => line.split('\t'))
  const head = lines.find(([value, name]) => name === 'HEAD' && value?.startsWith('ref: refs/heads/'))?.[0]?.slice(16)
  const branches = lines.flatMap(([sha = '', name = '']) =>
    name.startsWith('refs/heads/') ? branchOf(sha, name.slice(11)) : [],
  )
  return { branches, defaultBranch: branches.find(({ name }) => name === head)?.name ?? null }
}

function branchOf(sha: string, name: string): { name: BranchName; sha: CommitSha }[] {
  try {
    return [{ name: parseBranchName(name), sha: parseCommitSha(sha) }]
  } catch {
    return []
  }
}

import { conflict } from '../platform/errors.js'
import type { Command } from '../platform/shell/command.js'
import type { Host } from '../platform/ssh/host.js'
import { OutputTooLargeError } from '../platform/ssh/remote-command-error.js'
import { listChanged, log, logMessages } from './commands.js'
import { type GitIo, limits, quietly } from './io.js'
import { branchIsGone, branchRef, findCommit, hasCommit } from './mirror.js'
import { type BranchName, type CommitSha, parseCommitSha, shortSha } from './ref-name.js'
import type { Remote } from './remote.js'

/** As the author wrote it, so never more than data: shortened, on one line, without control characters. */
export interface Commit {
  readonly sha: CommitSha
  readonly author: string
  readonly email: string
  readonly date: Date
  readonly subject: string
}

const fields = 5

export async function commitInfo(host: Host, folder: string, sha: CommitSha, io: GitIo = {}): Promise<Commit> {
  const commit = await maybeCommit(host, folder, sha, io)
  if (!commit) throw conflict(`The commit ${shortSha(sha)} is not in the copy of the repository on ${host.name}`)
  return commit
}

/** The newest commit of a branch, as of the last `ensureMirror`. Throws `UserError` 409 when the branch is gone. */
export async function newestCommit(host: Host, remote: Remote, branch: BranchName, io: GitIo = {}): Promise<Commit> {
  return (await maybeCommit(host, remote.folder, branchRef(branch), io)) ?? branchIsGone(remote, branch)
}

/** Only when it cannot be read is it asked whether it is there: mostly it is. */
async function maybeCommit(host: Host, folder: string, name: string, io: GitIo): Promise<Commit | undefined> {
  try {
    const [commit] = await read(host, folder, 1, [name], io)
    return commit
  } catch (error) {
    if (await findCommit(host, folder, name, io)) throw error
    return undefined
  }
}

/** What `to` has and `from` has not, newest first. Null when the mirror no longer knows one of them. */
export async function commitsBetween(
  host: Host,
  folder: string,
  { from, to, limit }: { from: CommitSha; to: CommitSha; limit: number },
  io: GitIo = {},
): Promise<Commit[] | null> {
  const known = (await hasCommit(host, folder, from, io)) && (await hasCommit(host, folder, to, io))
  return known ? read(host, folder, limit, [to, `^${from}`], io) : null
}

/** What came to a branch after a commit of it. */
export interface Gap {
  /** Of each commit, the newest first. */
  readonly messages: readonly string[]
  /** Added, modified and removed. */
  readonly changedPaths: readonly string[]
}

/** More commits than this nobody told of are not looked at one by one. */
const mostInGap = 500

/** Null when the mirror no longer knows one of them, or when there is more between them than anybody wants to read. */
export async function gapBetween(
  host: Host,
  folder: string,
  { from, to }: { from: CommitSha; to: CommitSha },
  io: GitIo = {},
): Promise<Gap | null> {
  const known = (await hasCommit(host, folder, from, io)) && (await hasCommit(host, folder, to, io))
  if (!known) return null
  const list = async (command: Command) =>
    // Each ends with a NUL. A message may be empty.
    (await host.capture(command, quietly(io, limits.readMs))).split('\0').slice(0, -1)
  try {
    const messages = await list(logMessages(folder, mostInGap + 1, to, `^${from}`))
    return messages.length > mostInGap ? null : { messages, changedPaths: await list(listChanged(folder, from, to)) }
  } catch (error) {
    if (error instanceof OutputTooLargeError) return null
    throw error
  }
}

async function read(host: Host, folder: string, limit: number, range: readonly string[], io: GitIo): Promise<Commit[]> {
  const text = await host.capture(log(folder, limit, ...range), quietly(io, limits.readMs))
  const values = text.split('\0')
  return Array.from({ length: Math.floor(values.length / fields) }, (_, index) => parse(values.slice(index * fields)))
}

function parse([sha = '', author = '', email = '', date = '', subject = '']: readonly string[]): Commit {
  return {
    sha: parseCommitSha(sha),
    author: oneLine(author),
    email: oneLine(email),
    date: parseDate(date),
    subject: oneLine(subject),
  }
}

/** Marks that turn the direction of writing go too: they make a line read as something else. */
const oneLine = (text: string): string =>
  text
    .replace(/[\s\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]+/gu, ' ')
    .trim()
    .slice(0, 300)

/** Git passes on whatever date a commit claims to have. */
function parseDate(text: string): Date {
  const date = new Date(text)
  return Number.isNaN(date.getTime()) ? new Date(0) : date
}

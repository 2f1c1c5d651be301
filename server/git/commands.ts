import { all, type Command, cmd, pipe, type Word } from '../platform/shell/command.js'
import { localGit, type RemoteAccess, remoteGit, workTreeGit } from './lockdown.js'
import type { BranchName, CommitSha } from './ref-name.js'

/** The folder of one mirror is ours alone; these are its parts. */
export const partsOf = (folder: string) => ({
  repository: `${folder}/repository.git`,
  secrets: `${folder}/secrets`,
  knownHosts: `${folder}/known_hosts`,
  group: `${folder}/group`,
  index: `${folder}/checkout.index`,
})

/** A mirror, or (with access) a partial clone that fetches what it lacks while it is read. */
export interface Repository {
  readonly folder: string
  readonly access?: RemoteAccess
}

export const makeFolders = (...folders: readonly string[]): Command => cmd('mkdir', '-p', '-m', '700', '--', ...folders)

/** Everything a lost run may have left, but not the secrets of this one. Only when no Git of ours runs here any more. */
export function tidy(folder: string, secretsInUse: string): Command {
  const { repository, secrets, index } = partsOf(folder)
  const remove = ['-exec', 'rm', '-rf', '--', '{}', '+']
  return all(
    makeFolders(folder, secrets),
    cmd('mkdir', '-p', '--', `${repository}/objects`),
    cmd('rm', '-f', '--', index, `${index}.lock`),
    cmd('find', secrets, '-mindepth', 1, '-maxdepth', 1, '-not', '-path', secretsInUse, ...remove),
    cmd('find', repository, '-type', 'f', '-name', '*.lock', '-delete'),
    cmd('find', `${repository}/objects`, '-type', 'f', '-name', 'tmp_*', '-delete'),
  )
}

/** Makes the bare repository; changes nothing in one that is there. */
export const initialize = (folder: string): Command =>
  localGit('init', '--quiet', '--bare', '--template=', '--', partsOf(folder).repository)

/** Brings every branch and tag up to date, also where history was rewritten, and drops those that are gone. */
export const fetchAll = (folder: string, access: RemoteAccess): Command =>
  fetch(folder, access, ['--prune'], [access.url.text, '+refs/heads/*:refs/heads/*', '+refs/tags/*:refs/tags/*'])

export const fetchOne = (folder: string, access: RemoteAccess, sha: CommitSha): Command =>
  fetch(folder, access, [], [access.url.text, sha])

/** Only the newest commit of a branch and no file; files come when they are read. Git wants a named remote for that. */
export const fetchPartial = (folder: string, access: RemoteAccess, branch: BranchName): Command =>
  all(
    localGit(inside(folder), 'config', 'remote.origin.url', access.url.text),
    fetch(
      folder,
      access,
      ['--depth=1', '--filter=blob:none'],
      ['origin', `+refs/heads/${branch}:refs/heads/${branch}`],
    ),
  )

/** One branch alone: a large repository has thousands. */
export const askBranch = (access: RemoteAccess, branch: BranchName): Command =>
  remoteGit(access, 'ls-remote', '--end-of-options', access.url.text, `refs/heads/${branch}`)

export const listRemote = (access: RemoteAccess): Command =>
  remoteGit(access, 'ls-remote', '--symref', '--end-of-options', access.url.text, 'HEAD', 'refs/heads/*')

/** A reference of ours, which neither a force-push nor a clean-up takes away. */
export const keepCommit = (folder: string, sha: CommitSha): Command =>
  localGit(inside(folder), 'update-ref', '--end-of-options', `refs/hostler/${sha}`, sha)

export const listKept = (folder: string): Command =>
  localGit(inside(folder), 'for-each-ref', '--format=%(refname)', 'refs/hostler/')

/** Reads `delete <name>` on stdin, one a line. */
export const forgetKept = (folder: string): Command => localGit(inside(folder), 'update-ref', '--stdin')

export const checkConnections = (folder: string): Command =>
  localGit(inside(folder), 'fsck', '--connectivity-only', '--no-dangling', '--no-progress')

/** Reads names on stdin, one a line, and answers "<hash> <type> <size>" or "<name> missing" for each. */
export const lookUp = (repository: Repository): Command => read(repository, 'cat-file', '--batch-check')

/** "<mode> <type> <hash>\t<path>" for a file, or for what is in a folder where the path ends with a slash. */
export const listTree = (repository: Repository, sha: CommitSha, ...paths: readonly string[]): Command =>
  read(repository, '--literal-pathspecs', 'ls-tree', '-z', '--full-tree', '--end-of-options', sha, ...paths)

export const readBlob = (repository: Repository, hash: string): Command => read(repository, 'cat-file', 'blob', hash)

/** Hash, author, mail, date and subject with a NUL after each; long ones are cut by Git itself. */
export const log = (folder: string, limit: number, ...range: readonly string[]): Command =>
  localGit(
    inside(folder),
    'log',
    '-z',
    `--max-count=${limit}`,
    '--no-mailmap',
    '--no-show-signature',
    '--format=%H%x00%<(120,trunc)%an%x00%<(120,trunc)%ae%x00%cI%x00%<(300,trunc)%s',
    '--end-of-options',
    ...range,
    '--',
  )

/** Whole messages, with a NUL after each. */
export const logMessages = (folder: string, limit: number, ...range: readonly string[]): Command =>
  localGit(inside(folder), 'log', '-z', `--max-count=${limit}`, '--format=%B', '--end-of-options', ...range, '--')

/** Paths with a NUL after each. A file that was moved is told by both of its names. */
export const listChanged = (folder: string, from: CommitSha, to: CommitSha): Command =>
  localGit(inside(folder), 'diff-tree', '-r', '-z', '--name-only', '--no-renames', '--end-of-options', from, to)

/** At most 20 of the submodules in a commit. Paths come quoted, so a line is one path. */
export const listSubmodules = (folder: string, sha: CommitSha): Command =>
  pipe(
    localGit(inside(folder), 'ls-tree', '-r', '--full-tree', '--end-of-options', sha),
    cmd('awk', '/^160000 / && ++found <= 20'),
  )

/**
 * Writes the work tree by way of an index outside of it, so it holds no .git at all. Unlike `git archive`, this obeys no
 * `export-ignore` of the repository; and Git itself refuses paths like ../x and .git/x and never writes through a symlink.
 */
export function checkOut(folder: string, sha: CommitSha, into: string): Command {
  const { index } = partsOf(folder)
  return all(
    cmd('rm', '-rf', '--', into, index, `${index}.lock`),
    cmd('mkdir', '-p', '--', into),
    inWorkTree(folder, into, 'read-tree', '--end-of-options', sha),
    inWorkTree(folder, into, 'checkout-index', '--all', '--force', '--quiet'),
  )
}

/** At most 20 of the files that the repository keeps elsewhere. Reads the index that `checkOut` made, then drops it. */
export const listLargeFiles = (folder: string, into: string): Command =>
  all(
    pipe(inWorkTree(folder, into, 'ls-files', '--', ':(attr:filter=lfs)'), cmd('awk', '++found <= 20')),
    cmd('rm', '-f', '--', partsOf(folder).index),
  )

const inside = (folder: string): string => `--git-dir=${partsOf(folder).repository}`

const inWorkTree = (folder: string, into: string, ...words: readonly Word[]): Command =>
  workTreeGit({ repository: partsOf(folder).repository, index: partsOf(folder).index, into }, ...words)

const read = ({ folder, access }: Repository, ...words: readonly Word[]): Command =>
  access ? remoteGit(access, inside(folder), ...words) : localGit(inside(folder), ...words)

function fetch(folder: string, access: RemoteAccess, options: readonly string[], what: readonly string[]): Command {
  const words = ['fetch', '--quiet', '--no-tags', '--no-write-fetch-head', ...options, '--end-of-options', ...what]
  return remoteGit(access, inside(folder), ...words)
}

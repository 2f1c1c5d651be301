import { UserError } from '../platform/errors.js'
import type { Command } from '../platform/shell/command.js'
import type { Host, RunOptions } from '../platform/ssh/host.js'
import { OutputTooLargeError } from '../platform/ssh/remote-command-error.js'
import { listTree, type Repository, readBlob } from './commands.js'
import { type GitIo, limits, quietly } from './io.js'
import type { CommitSha } from './ref-name.js'

/** The files of one commit, read one by one without a work tree. This is what finds out the stack of a site. */
export interface SourceTree {
  /** Null when there is no such file; a symlink or a folder is no file. Throws `UserError` when it is very large. */
  read(path: string): Promise<string | null>
  /** The same for several, by way of one list. */
  readAll<Path extends string>(paths: readonly Path[]): Promise<ReadonlyMap<Path, string | null>>
  /** Names only, a folder's with a slash at its end. Empty when there is no such folder; '' is the root. */
  list(folder: string): Promise<string[]>
}

export interface TreeEntry {
  readonly path: string
  readonly kind: 'file' | 'folder' | 'symlink' | 'submodule'
  readonly hash: string
}

const textBytes = 512 * 1024
const listBytes = 4 * 1024 * 1024

export function sourceTree(host: Host, repository: Repository, sha: CommitSha, io: GitIo = {}): SourceTree {
  return {
    read: (path) => readFile(host, repository, { sha, path, maxBytes: textBytes }, io),
    readAll: (paths) => readFiles(host, repository, { sha, paths, maxBytes: textBytes }, io),
    list: async (folder) => (await listFolder(host, repository, { sha, folder }, io)).map(nameOf),
  }
}

export interface FileInTree {
  readonly sha: CommitSha
  readonly path: string
  readonly maxBytes: number
}

/** Null when the commit has no regular file of that path. Symlinks are not followed. */
export async function readFile(
  host: Host,
  repository: Repository,
  file: FileInTree,
  io: GitIo = {},
): Promise<string | null> {
  const files = await readFiles(host, repository, { ...file, paths: [file.path] }, io)
  return files.get(file.path) ?? null
}

async function readFiles<Path extends string>(
  host: Host,
  repository: Repository,
  { sha, paths, maxBytes }: { sha: CommitSha; paths: readonly Path[]; maxBytes: number },
  io: GitIo,
): Promise<Map<Path, string | null>> {
  const wanted = paths.flatMap((path) => plainPath(path) || [])
  const entries = wanted.length === 0 ? [] : await entriesAt(host, repository, { sha, paths: wanted }, io)
  const options = { ...quietly(io, limits.readMs), maxBytes }
  const read = async (path: string): Promise<string | null> => {
    const found = entries.find((entry) => entry.path === plainPath(path) && entry.kind === 'file')
    return found ? captureWithin(host, readBlob(repository, found.hash), options, `The file ${found.path}`) : null
  }
  return new Map(await Promise.all(paths.map(async (path) => [path, await read(path)] as const)))
}

/** What is in a folder; empty when there is no such folder. */
export async function listFolder(
  host: Host,
  repository: Repository,
  { sha, folder }: { sha: CommitSha; folder: string },
  io: GitIo = {},
): Promise<TreeEntry[]> {
  const path = plainPath(folder)
  if (path === null) return []
  return entriesAt(host, repository, { sha, paths: path === '' ? [] : [`${path}/`] }, io)
}

/** Of no paths, the root folder. */
async function entriesAt(host: Host, repository: Repository, at: { sha: CommitSha; paths: string[] }, io: GitIo) {
  const command = listTree(repository, at.sha, ...at.paths)
  const options = { ...quietly(io, limits.readMs), maxBytes: listBytes }
  const list = await captureWithin(host, command, options, `The list of the folder ${at.paths.join()}`)
  return list.split('\0').flatMap(parseEntry)
}

async function captureWithin(host: Host, command: Command, options: RunOptions, what: string): Promise<string> {
  try {
    return await host.capture(command, options)
  } catch (error) {
    if (!(error instanceof OutputTooLargeError)) throw error
    throw new UserError(422, `${what} is larger than ${Math.round(error.maxBytes / 1024)} KiB`, undefined, {
      cause: error,
    })
  }
}

function parseEntry(line: string): TreeEntry[] {
  const match = /^(\d{6}) \w+ ([0-9a-f]+)\t(.+)$/s.exec(line)
  const kind = kinds[match?.[1]?.slice(0, 3) ?? '']
  return match?.[2] && match[3] && kind ? [{ path: match[3], kind, hash: match[2] }] : []
}

const kinds: Record<string, TreeEntry['kind']> = {
  '100': 'file',
  '040': 'folder',
  '120': 'symlink',
  '160': 'submodule',
}

const nameOf = ({ path, kind }: TreeEntry): string =>
  path.slice(path.lastIndexOf('/') + 1) + (kind === 'folder' ? '/' : '')

/** Without "./" and slashes at the ends; null for a path that leads out of the tree, where nothing is. */
function plainPath(path: string): string | null {
  const segments = path.split('/').filter((segment) => segment !== '' && segment !== '.')
  return path.startsWith('/') || path.includes('\0') || segments.includes('..') ? null : segments.join('/')
}

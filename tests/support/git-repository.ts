import { execFile } from 'node:child_process'
import { mkdir, rm, symlink, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

export type TestFile = string | Buffer | { readonly link: string } | { readonly program: string }
export type TestFiles = Readonly<Record<string, TestFile | null>>

export interface CommitOptions {
  /** What changes; null removes a file. */
  readonly files: TestFiles
  readonly message?: string
  readonly branch?: string
  readonly author?: string
  readonly email?: string
}

/** A bare repository as a Git server holds it, and a work tree from which the test changes it. */
export class TestRepository {
  readonly name: string
  readonly bare: string
  readonly work: string
  readonly httpUrl: string
  readonly sshUrl: string

  constructor(at: { name: string; bare: string; work: string; httpUrl: string; sshUrl: string }) {
    this.name = at.name
    this.bare = at.bare
    this.work = at.work
    this.httpUrl = at.httpUrl
    this.sshUrl = at.sshUrl
  }

  async create(branch: string): Promise<void> {
    await mkdir(this.work, { recursive: true })
    await git(dirname(this.work), 'init', '-q', '--bare', '-b', branch, this.bare)
    await git(this.work, 'init', '-q', '-b', branch)
    await git(this.work, 'remote', 'add', 'origin', this.bare)
    await git(this.bare, 'config', 'uploadpack.allowFilter', 'true')
  }

  /** A new commit on top of a branch (made where it is missing), pushed. Returns its hash. */
  async commit({
    files,
    message = 'Change files',
    branch = 'main',
    author = 'Ada',
    email = 'ada@example.com',
  }: CommitOptions) {
    await this.#switchTo(branch)
    for (const [path, file] of Object.entries(files)) await this.#write(path, file)
    await this.git('add', '--all', '--force')
    await this.git(
      '-c',
      `user.name=${author}`,
      '-c',
      `user.email=${email}`,
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      message,
    )
    await this.#push(branch)
    return this.head(branch)
  }

  /** Replaces the newest commit of a branch by another, and makes the server forget the old one for good. */
  async forcePush({ branch = 'main', ...rest }: CommitOptions): Promise<string> {
    const parent = await this.git('rev-parse', '--verify', '--quiet', `refs/heads/${branch}~1`).catch(() => null)
    if (parent === null) await this.#startOver(branch)
    else {
      await this.#switchTo(branch)
      await this.git('reset', '-q', '--hard', parent)
    }
    const sha = await this.commit({ branch, ...rest })
    await git(this.bare, 'reflog', 'expire', '--expire=now', '--all')
    await git(this.bare, 'gc', '-q', '--prune=now')
    return sha
  }

  async deleteBranch(branch: string): Promise<void> {
    await git(this.bare, 'update-ref', '-d', `refs/heads/${branch}`)
  }

  /** The whole repository is gone from the server. */
  async remove(): Promise<void> {
    await rm(this.bare, { recursive: true, force: true })
  }

  async configureServer(name: string, value: string): Promise<void> {
    await git(this.bare, 'config', name, value)
  }

  head(branch = 'main'): Promise<string> {
    return git(this.bare, 'rev-parse', '--verify', `refs/heads/${branch}`)
  }

  /** For what has no verb here; runs in the work tree. */
  git(...words: readonly string[]): Promise<string> {
    return git(this.work, ...words)
  }

  /** Writes an object that Git itself would not make, for repositories of attackers. */
  async hashObject(type: 'blob' | 'tree', content: string | Buffer): Promise<string> {
    const file = `${this.work}.object`
    await writeFile(file, content)
    return this.git('hash-object', '-t', type, '-w', '--literally', file)
  }

  /** A commit of such a tree, on a branch of the server. */
  async commitTree(tree: string, branch: string): Promise<string> {
    const sha = await this.git(
      '-c',
      'user.name=Eve',
      '-c',
      'user.email=eve@example.com',
      'commit-tree',
      '-m',
      branch,
      tree,
    )
    await this.git('push', '-q', 'origin', `${sha}:refs/heads/${branch}`)
    return sha
  }

  async push(branch = 'main'): Promise<void> {
    await this.#push(branch)
  }

  async #switchTo(branch: string): Promise<void> {
    if ((await this.git('symbolic-ref', '--short', 'HEAD')) === branch) return
    const exists = await this.git('rev-parse', '--verify', '--quiet', `refs/heads/${branch}`).catch(() => null)
    await this.git('switch', '-q', ...(exists === null ? ['-c'] : []), branch)
  }

  async #startOver(branch: string): Promise<void> {
    await this.git('switch', '-q', '--orphan', 'starting-over')
    await this.git('branch', '-q', '-D', branch).catch(() => undefined)
    await this.git('switch', '-q', '--orphan', branch)
  }

  async #push(branch: string): Promise<void> {
    await this.git('push', '-q', '--force', 'origin', `refs/heads/${branch}:refs/heads/${branch}`)
  }

  async #write(path: string, file: TestFile | null): Promise<void> {
    const target = join(this.work, path)
    await rm(target, { recursive: true, force: true })
    if (file === null) return
    await mkdir(dirname(target), { recursive: true })
    if (typeof file === 'string' || Buffer.isBuffer(file)) await writeFile(target, file)
    else if ('link' in file) await symlink(file.link, target)
    else await writeFile(target, file.program, { mode: 0o755 })
  }
}

/** As a developer's machine would run it, but blind to the settings of this one. */
export async function git(folder: string, ...words: readonly string[]): Promise<string> {
  const env = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'))),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
  }
  const { stdout } = await run('git', ['-C', folder, '-c', 'gc.auto=0', ...words], { env, maxBuffer: 64 * 1024 * 1024 })
  return stdout.trim()
}

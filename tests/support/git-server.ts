import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { RepositoryProtocol } from '../../server/git/repository-url.js'
import { startGitHttp } from './git-http.js'
import { type TestFiles, TestRepository } from './git-repository.js'
import { type DeployKey, startGitSshd } from './git-sshd.js'
import type { Sshd } from './sshd.js'

export interface NewRepository {
  readonly files: TestFiles
  /** "owner/name"; made up when left out. */
  readonly name?: string
  readonly branch?: string
  /** Needs no token over HTTP. */
  readonly isPublic?: boolean
}

/** Real Git behind real HTTP and SSH, on free ports of this machine. */
export interface GitServer extends AsyncDisposable {
  /** What `parseRepositoryUrl` must be given: the test server speaks plain HTTP. */
  readonly protocols: readonly RepositoryProtocol[]
  readonly token: string
  /** Let in by sshd, for every repository. */
  readonly key: DeployKey
  readonly sshd: Sshd
  readonly httpPort: number
  makeRepository(options: NewRepository): Promise<TestRepository>
  /** From now on a fetch over HTTP waits before its first byte of data, until released. */
  holdFetches(): { reached: Promise<void>; release: () => void }
  stop(): Promise<void>
}

export async function startGitServer(): Promise<GitServer> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-git-'))
  const root = join(folder, 'repositories')
  const publicNames = new Set<string>()
  const token = 'canary-token-5bd1/+%:@'
  let gate = async () => {}
  let made = 0

  const { sshd, key, stop: stopSshd } = await startGitSshd()
  const http = await startGitHttp({ root, token, publicNames, gate: () => gate() })

  return {
    protocols: ['https', 'ssh', 'http'],
    token,
    key,
    sshd,
    httpPort: http.port,
    makeRepository,
    holdFetches,
    stop,
    [Symbol.asyncDispose]: stop,
  }

  async function makeRepository({
    files,
    name = `team/site-${++made}`,
    branch = 'main',
    isPublic = false,
  }: NewRepository) {
    if (isPublic) publicNames.add(name)
    const bare = join(root, `${name}.git`)
    const repository = new TestRepository({
      name,
      bare,
      work: join(folder, 'work', name),
      httpUrl: `http://127.0.0.1:${http.port}/${name}.git`,
      sshUrl: `ssh://${sshd.user}@127.0.0.1:${sshd.port}${bare}`,
    })
    await repository.create(branch)
    await repository.commit({ files, branch, message: 'First commit' })
    return repository
  }

  function holdFetches() {
    let release = () => {}
    const released = new Promise<void>((resolve) => {
      release = resolve
    })
    const reached = new Promise<void>((resolve) => {
      gate = async () => {
        resolve()
        await released
      }
    })
    return {
      reached,
      release: () => {
        gate = async () => {}
        release()
      },
    }
  }

  async function stop() {
    await http.stop()
    await stopSshd()
    await rm(folder, { recursive: true, force: true })
  }
}

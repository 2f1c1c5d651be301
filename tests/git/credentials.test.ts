import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { forgetHostKey, pinnedFingerprints } from '../../server/git/host-keys.js'
import { ensureMirror, resolveCommit } from '../../server/git/mirror.js'
import { parseBranchName } from '../../server/git/ref-name.js'
import type { Remote } from '../../server/git/remote.js'
import { parseHostKey } from '../../server/platform/ssh/host-key.js'
import { compiled } from '../support/compiled.js'
import { type GitScene, startGitScene } from '../support/git-scene.js'
import { needs } from '../support/parts.js'

describe.skipIf(!needs('git', 'sshd'))('credentials on a host', () => {
  let scene: GitScene
  const main = parseBranchName('main')

  beforeAll(async () => {
    scene = await startGitScene()
  })
  afterAll(() => scene.stop())

  test('LG-03: a token is in no argument, environment, log line or file but one, which only its owner may read', async () => {
    const { httpUrl } = await scene.server.makeRepository({ files: { a: '1' } })
    const remote = scene.remote(httpUrl)
    const lines: string[] = []
    const hold = scene.server.holdFetches()
    const samples: string[] = []
    const sampler = setInterval(() => samples.push(everyProcess()), 50)

    const running = ensureMirror(scene.host, remote, { onLine: (line) => lines.push(line) })
    await hold.reached
    samples.push(everyProcess())
    const [file] = await secretFiles(remote)
    const text = await readFile(file ?? '', 'utf8')
    const mode = (await stat(file ?? '')).mode & 0o777
    const folderMode = (await stat(remote.folder)).mode & 0o777
    hold.release()
    await running.finally(() => clearInterval(sampler))

    expect(decodeURIComponent(text)).toContain(scene.server.token)
    expect([mode, folderMode]).toEqual([0o600, 0o700])
    expect(await secretFiles(remote)).toEqual([])
    expect(samples.join('\n')).toContain('git-remote-http')
    expect([...samples, ...lines].join('\n')).not.toContain('canary-token')
  })

  test('LG-03: a private key is in no argument or environment, and gone afterwards, also after a failure', async () => {
    const repository = await scene.server.makeRepository({ files: { a: '1' } })
    const remote = scene.remote(repository.sshUrl, scene.deployKey())
    const secret = scene.server.key.privateKey.reveal().split('\n')[2] ?? ''
    const samples: string[] = []
    const sampler = setInterval(() => samples.push(everyProcess()), 20)

    await ensureMirror(scene.host, remote).finally(() => clearInterval(sampler))
    await repository.remove()
    await expect(ensureMirror(scene.host, remote)).rejects.toMatchObject({ status: 422 })

    expect(secret).toHaveLength(70)
    expect(samples.join('\n')).toContain('IdentitiesOnly=yes')
    expect(samples.join('\n')).not.toContain(secret)
    expect(await secretFiles(remote)).toEqual([])
  })

  test('a key of the Git server is pinned on first contact; a change stops with both fingerprints', async () => {
    const { sshUrl } = await scene.server.makeRepository({ files: { a: '1' } })
    const remote = scene.remote(sshUrl, scene.deployKey())
    await ensureMirror(scene.host, remote)
    const [pinned = ''] = await pinnedFingerprints(scene.host, remote.folder)

    await scene.server.sshd.changeHostKey()
    const shown = parseHostKey(scene.server.sshd.hostKey).fingerprint

    await expect(ensureMirror(scene.host, remote)).rejects.toMatchObject({
      status: 409,
      message: `127.0.0.1 showed another host key than before: ${shown} instead of ${pinned}. Nothing was fetched`,
    })
    await forgetHostKey(scene.host, remote.folder)
    await ensureMirror(scene.host, remote)
    expect(await pinnedFingerprints(scene.host, remote.folder)).toEqual([shown])
  })

  test('aborting ends the fetch and takes the token away', async () => {
    const { httpUrl } = await scene.server.makeRepository({ files: { a: '1' } })
    const remote = scene.remote(httpUrl)
    const hold = scene.server.holdFetches()
    const abort = new AbortController()

    const running = ensureMirror(scene.host, remote, { signal: abort.signal })
    await hold.reached
    abort.abort(new Error('cancelled'))

    await expect(running).rejects.toThrow('cancelled')
    expect(await secretFiles(remote)).toEqual([])
    expect(everyProcess()).not.toContain(remote.folder)
    hold.release()
  })

  test('a worker killed in the middle of a clone leaves nothing that the next one does not clear away', async () => {
    const repository = await scene.server.makeRepository({ files: { a: '1' } })
    const remote = scene.remote(repository.httpUrl)
    const hold = scene.server.holdFetches()
    const worker = startWorker(scene, remote, repository.httpUrl)
    await hold.reached
    worker.kill('SIGKILL')
    await once(worker, 'exit')
    const left = await secretFiles(remote)
    const orphan = (await readFile(join(remote.folder, 'group'), 'utf8')).split(' ')[0]
    expect(left).toHaveLength(1)
    expect(isRunning(orphan)).toBe(true)
    const second = scene.server.holdFetches()

    const running = ensureMirror(scene.host, remote)
    await second.reached
    expect(existsSync(left[0] ?? '')).toBe(false)
    expect(isRunning(orphan)).toBe(false)
    second.release()
    await running
    hold.release()

    expect(await resolveCommit(scene.host, remote, main)).toBe(await repository.head())
    expect(await secretFiles(remote)).toEqual([])
  })
})

async function secretFiles({ folder }: Remote): Promise<string[]> {
  const names = await readdir(join(folder, 'secrets'), { recursive: true })
  return names.filter((name) => name.endsWith('/secret')).map((name) => join(folder, 'secrets', name))
}

/** What `ps` could show of every process: arguments and environment. */
function everyProcess(): string {
  const read = (id: string, file: string) => {
    try {
      return readFileSync(`/proc/${id}/${file}`, 'utf8').replaceAll('\0', ' ')
    } catch {
      return '' // it has ended meanwhile
    }
  }
  const ids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  return ids.map((id) => `${read(id, 'cmdline')} ${read(id, 'environ')}`).join('\n')
}

/** What was killed and that nobody has asked for yet still has a folder there, but no arguments. */
const isRunning = (id = ''): boolean => existsSync(`/proc/${id}`) && readFileSync(`/proc/${id}/cmdline`).length > 0

function startWorker(scene: GitScene, { folder }: Remote, address: string): ChildProcess {
  const program = compiled('tests/support/fetch-mirror.ts')
  const worker = spawn(process.execPath, [program], { stdio: ['pipe', 'ignore', 'inherit'] })
  worker.stdin.end(JSON.stringify({ root: scene.root, folder, address, token: scene.server.token }))
  return worker
}

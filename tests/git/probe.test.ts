import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { listBranches, peek } from '../../server/git/probe.js'
import { parseBranchName } from '../../server/git/ref-name.js'
import type { GitCredentials } from '../../server/git/remote.js'
import { UserError } from '../../server/platform/errors.js'
import { generateKey } from '../../server/platform/ssh/keys.js'
import { git } from '../support/git-repository.js'
import { type GitScene, startGitScene } from '../support/git-scene.js'
import { needs } from '../support/parts.js'
import { freePort } from '../support/sshd.js'

describe.skipIf(!needs('git', 'sshd'))('a first look at a repository', () => {
  let scene: GitScene
  const none: GitCredentials = { kind: 'none' }
  const main = parseBranchName('main')

  beforeAll(async () => {
    scene = await startGitScene()
  })
  afterAll(async () => {
    expect(await readdir(join(scene.root, 'tmp/git-probes'))).toEqual([])
    await scene.stop()
  })

  const refusal = async (address: string, credentials: GitCredentials, timeoutMs = 10_000): Promise<UserError> => {
    const source = { url: scene.url(address), credentials }
    const error: unknown = await listBranches(scene.host, source, { timeoutMs }).catch((caught: unknown) => caught)
    if (error instanceof UserError) return error
    throw error ?? new Error('It was not refused')
  }

  test.each(['HTTP', 'SSH'])('lists the branches over %s, the default one by name', async (way) => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' }, branch: 'trunk' })
    const preview = await repository.commit({ files: {}, branch: 'a;id' })
    const source =
      way === 'HTTP'
        ? { url: scene.url(repository.httpUrl), credentials: scene.token() }
        : { url: scene.url(repository.sshUrl), credentials: scene.deployKey() }

    const { branches, defaultBranch } = await listBranches(scene.host, source)

    expect(defaultBranch).toBe('trunk')
    expect(branches).toEqual([
      { name: 'a;id', sha: preview },
      { name: 'trunk', sha: await repository.head('trunk') },
    ])
  })

  test('lists nothing where nothing was committed yet', async () => {
    const repository = await scene.server.makeRepository({ files: {} })
    await repository.deleteBranch('main')

    const source = { url: scene.url(repository.httpUrl), credentials: scene.token() }

    expect(await listBranches(scene.host, source)).toEqual({ branches: [], defaultBranch: null })
  })

  test.each([true, false])(
    'reads single files of a branch, downloading no others where the server can (%s), and leaves nothing behind',
    async (isPartial) => {
      const files = {
        'package.json': '{"name":"shop"}',
        'src/index.js': '1',
        'src/lib/a.js': '2',
        link: { link: '/etc/passwd' },
        'ünïcode name.txt': 'x',
      }
      const repository = await scene.server.makeRepository({ files })
      await repository.configureServer('uploadpack.allowFilter', String(isPartial))
      const source = { url: scene.url(repository.httpUrl), credentials: scene.token(), branch: main }

      const seen = await peek(scene.host, source, {}, async (tree, sha) => ({
        sha,
        root: await tree.list(''),
        src: await tree.list('src'),
        missing: await tree.list('nowhere'),
        text: await tree.read('package.json'),
        deep: await tree.read('./src/lib/a.js'),
        absent: await tree.read('yarn.lock'),
        folder: await tree.read('src'),
        link: await tree.read('link'),
        outside: await tree.read('../../../etc/passwd'),
        absolute: await tree.read('/etc/passwd'),
        hasUnread: await hasObject(scene.root, await repository.git('rev-parse', 'HEAD:src/index.js')),
      }))

      expect(seen).toEqual({
        sha: await repository.head(),
        root: ['link', 'package.json', 'src/', 'ünïcode name.txt'],
        src: ['index.js', 'lib/'],
        missing: [],
        text: '{"name":"shop"}',
        deep: '2',
        absent: null,
        folder: null,
        link: null,
        outside: null,
        absolute: null,
        hasUnread: !isPartial,
      })
    },
  )

  test('says that the branch to look at is gone', async () => {
    const repository = await scene.server.makeRepository({ files: { a: '1' } })
    const source = { url: scene.url(repository.httpUrl), credentials: scene.token(), branch: parseBranchName('gone') }

    await expect(peek(scene.host, source, {}, async () => 1)).rejects.toMatchObject({
      status: 409,
      message: expect.stringContaining('branch is not in'),
    })
  })

  test('asks for a token where there is none, and says when the one given is refused', async () => {
    const { httpUrl } = await scene.server.makeRepository({ files: { a: '1' } })

    expect(await refusal(httpUrl, none)).toMatchObject({
      status: 422,
      message: expect.stringContaining('was not found on 127.0.0.1, or it is private'),
      hint: expect.stringContaining('enter a token'),
    })
    expect((await refusal(httpUrl, scene.token('wrong'))).message).toContain('did not accept the token')
    expect((await refusal(httpUrl, scene.token('read-nothing'))).message).toContain('did not accept the token')
  })

  test('says that a repository is not there', async () => {
    const repository = await scene.server.makeRepository({ files: { a: '1' } })
    await repository.remove()

    expect((await refusal(repository.httpUrl, scene.token())).message).toContain('was not found')
    expect((await refusal(repository.sshUrl, scene.deployKey())).message).toContain('was not found')
  })

  test('shows the public key and where it goes when the key is refused', async () => {
    const { sshUrl } = await scene.server.makeRepository({ files: { a: '1' } })
    const { privateKey, publicLine: publicKey } = generateKey('stranger')

    const error = await refusal(sshUrl, scene.deployKey({ privateKey, publicKey }))

    expect(error).toMatchObject({ status: 422, message: '127.0.0.1 did not accept the deploy key' })
    expect(error.hint).toContain(publicKey)
    expect((await refusal(sshUrl, none)).message).toContain('without a key')
  })

  test('says which credentials fit which address', async () => {
    const { httpUrl, sshUrl } = await scene.server.makeRepository({ files: { a: '1' } })

    expect((await refusal(sshUrl, scene.token())).message).toContain('takes a deploy key')
    expect((await refusal(httpUrl, scene.deployKey())).message).toContain('only with an SSH address')
  })

  test('SF-09: follows no redirect and says that the repository has moved', async () => {
    const { httpUrl } = await scene.server.makeRepository({ files: { a: '1' } })
    const moved = httpUrl.replace(/(:\d+)\//, '$1/moved/')

    expect((await refusal(moved, scene.token())).message).toContain('has moved')
  })

  test('tells a web page, a name that does not exist, a closed port and silence apart', async () => {
    const web = `http://127.0.0.1:${scene.server.httpPort}`
    const closed = await freePort()

    expect((await refusal(`${web}/page/a`, none)).message).toContain('not as a Git server does')
    expect((await refusal('https://nowhere.invalid/a/b', none)).message).toContain('could not find the address')
    expect((await refusal('ssh://git@nowhere.invalid/a/b', scene.deployKey())).message).toContain(
      'could not find the address',
    )
    expect((await refusal(`http://127.0.0.1:${closed}/a/b`, none)).message).toContain(`on port ${closed}`)
    expect(await refusal(`${web}/silent/a`, none, 700)).toMatchObject({
      status: 504,
      message: '127.0.0.1 did not finish answering web-1 in time',
    })
  })
})

/** Whether the one folder in which a look is being taken holds this object. */
async function hasObject(root: string, hash: string): Promise<boolean> {
  const [folder = ''] = await readdir(join(root, 'tmp/git-probes'))
  const list = await git(
    join(root, 'tmp/git-probes', folder, 'repository.git'),
    'cat-file',
    '--batch-all-objects',
    '--batch-check',
  )
  return list.includes(hash)
}

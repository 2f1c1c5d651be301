import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout } from '../../server/git/checkout.js'
import { partsOf } from '../../server/git/commands.js'
import { forgetCommits } from '../../server/git/kept-commits.js'
import { ensureMirror, hasCommit, resolveCommit } from '../../server/git/mirror.js'
import { parseBranchName } from '../../server/git/ref-name.js'
import { cmd } from '../../server/platform/shell/command.js'
import { type GitScene, startGitScene } from '../support/git-scene.js'
import { needs } from '../support/parts.js'

describe.skipIf(!needs('git', 'sshd'))('commits that were kept', () => {
  let scene: GitScene
  beforeAll(async () => {
    scene = await startGitScene()
  })
  afterAll(() => scene.stop())

  test('are let go when nothing needs them, and then Git clears them away', async () => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = scene.remote(repository.httpUrl)
    const git = (...words: string[]) =>
      scene.host.capture(cmd('git', `--git-dir=${partsOf(remote.folder).repository}`, ...words), { timeoutMs: 30_000 })
    const kept = async () =>
      (await git('for-each-ref', '--format=%(refname:lstrip=2)', 'refs/hostler/')).trim().split('\n')
    const take = async (text: string) => {
      await repository.forcePush({ files: { 'a.txt': text } })
      await ensureMirror(scene.host, remote)
      const sha = await resolveCommit(scene.host, remote, parseBranchName('main'))
      await checkout(scene.host, { folder: remote.folder, sha, into: join(scene.root, `releases/${text}`) })
      return sha
    }
    const [first, second, third] = [await take('first'), await take('second'), await take('third')]
    expect((await kept()).toSorted()).toEqual([first, second, third].toSorted())

    expect(await forgetCommits(scene.host, remote.folder, new Set([second, third]))).toBe(1)

    expect((await kept()).toSorted()).toEqual([second, third].toSorted())
    await git('gc', '--prune=now', '--quiet')
    expect(await hasCommit(scene.host, remote.folder, first)).toBe(false)
    expect(await hasCommit(scene.host, remote.folder, second)).toBe(true)
    expect(await forgetCommits(scene.host, remote.folder, new Set([second, third]))).toBe(0)
  })

  test('are none where there is no mirror', async () => {
    expect(await forgetCommits(scene.host, join(scene.root, 'nowhere'), new Set())).toBe(0)
  })
})

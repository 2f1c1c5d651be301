import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { commitInfo, commitsBetween } from '../../server/git/history.js'
import { ensureMirror } from '../../server/git/mirror.js'
import { parseCommitSha } from '../../server/git/ref-name.js'
import { listFolder, readFile } from '../../server/git/tree.js'
import { type GitScene, startGitScene } from '../support/git-scene.js'
import { needs } from '../support/parts.js'

describe.skipIf(!needs('git', 'sshd'))('what a mirror tells of its commits', () => {
  let scene: GitScene

  beforeAll(async () => {
    scene = await startGitScene()
  })
  afterAll(() => scene.stop())

  const start = async () => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = scene.remote(repository.httpUrl)
    return { repository, remote, folder: remote.folder }
  }

  test('CI-11: author and subject are data: on one line, shortened, without control characters', async () => {
    const { repository, remote, folder } = await start()
    const sha = parseCommitSha(
      await repository.commit({
        files: {},
        author: `Eve \u202etxt.exe $(id) ${'é'.repeat(200)}`,
        message: `\u001b[31mred\u001b[0m $(touch canary) 'x' <b>\u2028${'y'.repeat(5000)}\n\nbody`,
      }),
    )
    await ensureMirror(scene.host, remote)

    const commit = await commitInfo(scene.host, folder, sha)

    expect(commit.sha).toBe(sha)
    expect(commit.subject).toMatch(/^\[31mred \[0m \$\(touch canary\) 'x' <b> y+$/)
    expect(commit.subject.length).toBeLessThanOrEqual(300)
    expect(commit.author).toMatch(/^Eve txt\.exe \$\(id\) é+\.\.$/)
    expect(Math.abs(commit.date.getTime() - Date.now())).toBeLessThan(600_000)
  })

  test('lists what is new since a commit, newest first, up to a limit', async () => {
    const { repository, remote, folder } = await start()
    const from = parseCommitSha(await repository.head())
    for (const message of ['one', 'two', 'three']) await repository.commit({ files: {}, message })
    const to = parseCommitSha(await repository.head())
    await ensureMirror(scene.host, remote)

    const commits = await commitsBetween(scene.host, folder, { from, to, limit: 2 })

    expect(commits?.map(({ subject }) => subject)).toEqual(['three', 'two'])
    expect(await commitsBetween(scene.host, folder, { from: to, to, limit: 2 })).toEqual([])
  })

  test('does not guess when it no longer knows a commit', async () => {
    const { repository, remote, folder } = await start()
    await ensureMirror(scene.host, remote)
    const to = parseCommitSha(await repository.head())
    const from = parseCommitSha('1'.repeat(40))

    expect(await commitsBetween(scene.host, folder, { from, to, limit: 2 })).toBeNull()
    await expect(commitInfo(scene.host, folder, from)).rejects.toMatchObject({ status: 409 })
  })

  test('reads files and folders of any commit without a work tree', async () => {
    const { repository, remote, folder } = await start()
    const sha = parseCommitSha(
      await repository.commit({
        files: {
          'src/b.txt': 'two',
          "a'$(id) b.txt": 'odd',
          '--output=x': 'dash',
          '*.txt': 'star',
          link: { link: 'a.txt' },
          big: 'x'.repeat(2000),
        },
      }),
    )
    await ensureMirror(scene.host, remote)
    const read = (path: string) => readFile(scene.host, { folder }, { sha, path, maxBytes: 1000 })

    expect(await Promise.all(['a.txt', 'src/b.txt', "a'$(id) b.txt", '--output=x', '*.txt'].map(read))).toEqual([
      'one',
      'two',
      'odd',
      'dash',
      'star',
    ])
    expect(
      await Promise.all(['link', 'src', 'none', '?.txt', '../a.txt', '', ':(top)a.txt', 'a\0b'].map(read)),
    ).toEqual(Array(8).fill(null))
    await expect(read('big')).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('The file big is larger'),
    })
    expect(
      (await listFolder(scene.host, { folder }, { sha, folder: '' })).map(({ path, kind }) => `${kind} ${path}`),
    ).toEqual([
      'file *.txt',
      'file --output=x',
      "file a'$(id) b.txt",
      'file a.txt',
      'file big',
      'symlink link',
      'folder src',
    ])
  })
})

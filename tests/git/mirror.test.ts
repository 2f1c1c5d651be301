import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureMirror, fetchCommit, hasCommit, resolveCommit } from '../../server/git/mirror.js'
import { parseBranchName, parseCommitSha } from '../../server/git/ref-name.js'
import { type GitScene, startGitScene } from '../support/git-scene.js'
import { needs } from '../support/parts.js'

describe.skipIf(!needs('git', 'sshd'))('the mirror of a repository', () => {
  let scene: GitScene
  const main = parseBranchName('main')

  beforeAll(async () => {
    scene = await startGitScene()
  })
  afterAll(() => scene.stop())

  test.each(['HTTP with a token', 'SSH with a deploy key'])('follows a branch over %s', async (way) => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = way.startsWith('HTTP')
      ? scene.remote(repository.httpUrl)
      : scene.remote(repository.sshUrl, scene.deployKey())

    await ensureMirror(scene.host, remote)
    expect(await resolveCommit(scene.host, remote, main)).toBe(await repository.head())
    const second = await repository.commit({ files: { 'a.txt': 'two' } })
    await ensureMirror(scene.host, remote)

    expect(await resolveCommit(scene.host, remote, main)).toBe(second)
  })

  test('CI-01: follows branches whose names would run in a shell', async () => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' } })
    const canary = join(scene.root, 'canary')
    const names = [`a;touch\${IFS}${canary}`, `a$(touch\${IFS}${canary})`, "a'b", 'a`id`', 'a|b', 'a&b', 'a"b', '#a']
    const remote = scene.remote(repository.httpUrl)

    for (const name of names) await repository.git('push', '-q', 'origin', `HEAD:refs/heads/${name}`)
    await ensureMirror(scene.host, remote)

    for (const name of names) {
      expect(await resolveCommit(scene.host, remote, parseBranchName(name))).toBe(await repository.head())
    }
    expect(existsSync(canary)).toBe(false)
  })

  test('needs no credentials for a public repository', async () => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' }, isPublic: true })
    const remote = scene.remote(repository.httpUrl, { kind: 'none' })

    await ensureMirror(scene.host, remote)

    expect(await resolveCommit(scene.host, remote, main)).toBe(await repository.head())
  })

  test('says that a branch is gone', async () => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = scene.remote(repository.httpUrl)
    await repository.commit({ files: {}, branch: 'preview' })
    await ensureMirror(scene.host, remote)

    await repository.deleteBranch('preview')
    await ensureMirror(scene.host, remote)

    await expect(resolveCommit(scene.host, remote, parseBranchName('preview'))).rejects.toMatchObject({
      status: 409,
      message: `The branch preview is not in ${repository.name}`,
    })
  })

  test('takes a branch where another branch of that name was a folder before', async () => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = scene.remote(repository.httpUrl)
    await repository.commit({ files: {}, branch: 'next/one' })
    await ensureMirror(scene.host, remote)

    await repository.deleteBranch('next/one')
    await repository.git('push', '-q', 'origin', 'HEAD:refs/heads/next')
    await ensureMirror(scene.host, remote)

    expect(await resolveCommit(scene.host, remote, parseBranchName('next'))).toMatch(/^[0-9a-f]{40}$/)
  })

  test('still has a commit that was force-pushed away', async () => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = scene.remote(repository.httpUrl)
    const lost = parseCommitSha(await repository.commit({ files: { 'a.txt': 'two' } }))
    await ensureMirror(scene.host, remote)

    const newest = await repository.forcePush({ files: { 'a.txt': 'three' } })
    await ensureMirror(scene.host, remote)
    await fetchCommit(scene.host, remote, { sha: lost, branch: main })

    expect(await resolveCommit(scene.host, remote, main)).toBe(newest)
    expect(await hasCommit(scene.host, remote.folder, lost)).toBe(true)
  })

  test('names the commit and the branch when nobody has the commit any more', async () => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = scene.remote(repository.httpUrl)
    const lost = parseCommitSha(await repository.commit({ files: { 'a.txt': 'two' } }))

    await repository.forcePush({ files: { 'a.txt': 'three' } })
    await ensureMirror(scene.host, remote)

    await expect(fetchCommit(scene.host, remote, { sha: lost, branch: main })).rejects.toMatchObject({
      status: 409,
      message: `The commit ${lost.slice(0, 7)} of the branch main is no longer in ${repository.name}`,
      hint: expect.stringContaining('force-pushed'),
    })
  })

  test('fetches a commit that the server has but no branch leads to', async () => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = scene.remote(repository.httpUrl)
    const hidden = parseCommitSha(await repository.commit({ files: { 'a.txt': 'two' }, branch: 'passing' }))
    await repository.deleteBranch('passing')
    await ensureMirror(scene.host, remote)

    await fetchCommit(scene.host, remote, { sha: hidden, branch: main })

    expect(await hasCommit(scene.host, remote.folder, hidden)).toBe(true)
  })

  test('goes on where stale locks lie', async () => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = scene.remote(repository.httpUrl)
    await ensureMirror(scene.host, remote)
    const locks = ['config.lock', 'packed-refs.lock', 'refs/heads/main.lock', 'shallow.lock', 'HEAD.lock']
    for (const lock of locks) await writeFile(join(remote.folder, 'repository.git', lock), '')
    await repository.commit({ files: { 'a.txt': 'two' } })

    await ensureMirror(scene.host, remote)

    expect(await resolveCommit(scene.host, remote, main)).toBe(await repository.head())
  })

  test('keeps no secret and no address in the configuration of the copy', async () => {
    const repository = await scene.server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = scene.remote(repository.httpUrl)

    await ensureMirror(scene.host, remote)

    expect(await readFile(join(remote.folder, 'repository.git/config'), 'utf8')).not.toMatch(
      /canary|127\.0\.0\.1|helper/,
    )
    expect(await readdir(join(remote.folder, 'secrets'))).toEqual([])
  })
})

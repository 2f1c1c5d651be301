import { existsSync } from 'node:fs'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureMirror, fetchCommit, hasCommit, resolveCommit } from '../../server/git/mirror.js'
import { parseBranchName, parseCommitSha } from '../../server/git/ref-name.js'
import type { GitCredentials, Remote } from '../../server/git/remote.js'
import { parseRepositoryUrl } from '../../server/git/repository-url.js'
import { Secret } from '../../server/platform/secret.js'
import type { TestRepository } from '../support/git-repository.js'
import { type GitServer, startGitServer } from '../support/git-server.js'
import { startLocalHost } from '../support/local-host.js'
import { needs } from '../support/parts.js'

describe.skipIf(!needs('git', 'sshd'))('the mirror of a repository', () => {
  let server: GitServer
  let local: Awaited<ReturnType<typeof startLocalHost>>
  let made = 0
  const main = parseBranchName('main')

  beforeAll(async () => {
    server = await startGitServer()
    local = await startLocalHost()
  })
  afterAll(async () => {
    await server.stop()
    await local.stop()
  })

  const token = (): GitCredentials => ({ kind: 'token', user: null, token: new Secret(server.token) })
  const deployKey = (): GitCredentials => ({
    kind: 'deploy-key',
    privateKey: new Secret(server.key.privateKey),
    publicKey: server.key.publicKey,
  })
  const remoteOf = (address: string, credentials: GitCredentials): Remote => ({
    folder: join(local.root, `sites/${++made}/git`),
    url: parseRepositoryUrl(address, server.protocols),
    credentials,
  })
  const overHttp = (repository: TestRepository) => remoteOf(repository.httpUrl, token())

  test.each(['HTTP with a token', 'SSH with a deploy key'])('follows a branch over %s', async (way) => {
    const repository = await server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = way.startsWith('HTTP') ? overHttp(repository) : remoteOf(repository.sshUrl, deployKey())

    await ensureMirror(local.host, remote)
    expect(await resolveCommit(local.host, remote, main)).toBe(await repository.head())
    const second = await repository.commit({ files: { 'a.txt': 'two' } })
    await ensureMirror(local.host, remote)

    expect(await resolveCommit(local.host, remote, main)).toBe(second)
  })

  test('CI-01: follows branches whose names would run in a shell', async () => {
    const repository = await server.makeRepository({ files: { 'a.txt': 'one' } })
    const canary = join(local.root, 'canary')
    const names = [`a;touch\${IFS}${canary}`, `a$(touch\${IFS}${canary})`, "a'b", 'a`id`', 'a|b', 'a&b', 'a"b', '#a']
    const remote = overHttp(repository)

    for (const name of names) await repository.git('push', '-q', 'origin', `HEAD:refs/heads/${name}`)
    await ensureMirror(local.host, remote)

    for (const name of names) {
      expect(await resolveCommit(local.host, remote, parseBranchName(name))).toBe(await repository.head())
    }
    expect(existsSync(canary)).toBe(false)
  })

  test('says that a branch is gone', async () => {
    const repository = await server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = overHttp(repository)
    await repository.commit({ files: {}, branch: 'preview' })
    await ensureMirror(local.host, remote)

    await repository.deleteBranch('preview')
    await ensureMirror(local.host, remote)

    await expect(resolveCommit(local.host, remote, parseBranchName('preview'))).rejects.toMatchObject({
      status: 409,
      message: `The branch preview is not in ${repository.name}`,
    })
  })

  test('takes a branch where another branch of that name was a folder before', async () => {
    const repository = await server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = overHttp(repository)
    await repository.commit({ files: {}, branch: 'next/one' })
    await ensureMirror(local.host, remote)

    await repository.deleteBranch('next/one')
    await repository.git('push', '-q', 'origin', 'HEAD:refs/heads/next')
    await ensureMirror(local.host, remote)

    expect(await resolveCommit(local.host, remote, parseBranchName('next'))).toMatch(/^[0-9a-f]{40}$/)
  })

  test('still has a commit that was force-pushed away', async () => {
    const repository = await server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = overHttp(repository)
    const lost = parseCommitSha(await repository.commit({ files: { 'a.txt': 'two' } }))
    await ensureMirror(local.host, remote)

    const newest = await repository.forcePush({ files: { 'a.txt': 'three' } })
    await ensureMirror(local.host, remote)
    await fetchCommit(local.host, remote, { sha: lost, branch: main })

    expect(await resolveCommit(local.host, remote, main)).toBe(newest)
    expect(await hasCommit(local.host, remote.folder, lost)).toBe(true)
  })

  test('names the commit and the branch when nobody has the commit any more', async () => {
    const repository = await server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = overHttp(repository)
    const lost = parseCommitSha(await repository.commit({ files: { 'a.txt': 'two' } }))

    await repository.forcePush({ files: { 'a.txt': 'three' } })
    await ensureMirror(local.host, remote)

    await expect(fetchCommit(local.host, remote, { sha: lost, branch: main })).rejects.toMatchObject({
      status: 409,
      message: `The commit ${lost.slice(0, 7)} of the branch main is no longer in ${repository.name}`,
      hint: expect.stringContaining('force-pushed'),
    })
  })

  test('fetches a commit that the server has but no branch leads to', async () => {
    const repository = await server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = overHttp(repository)
    const hidden = parseCommitSha(await repository.commit({ files: { 'a.txt': 'two' }, branch: 'passing' }))
    await repository.deleteBranch('passing')
    await ensureMirror(local.host, remote)

    await fetchCommit(local.host, remote, { sha: hidden, branch: main })

    expect(await hasCommit(local.host, remote.folder, hidden)).toBe(true)
  })

  test('goes on where stale locks lie', async () => {
    const repository = await server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = overHttp(repository)
    await ensureMirror(local.host, remote)
    const locks = ['config.lock', 'packed-refs.lock', 'refs/heads/main.lock', 'shallow.lock', 'HEAD.lock']
    for (const lock of locks) await writeFile(join(remote.folder, 'repository.git', lock), '')
    await repository.commit({ files: { 'a.txt': 'two' } })

    await ensureMirror(local.host, remote)

    expect(await resolveCommit(local.host, remote, main)).toBe(await repository.head())
  })

  test('keeps no secret and no address in the configuration of the copy', async () => {
    const repository = await server.makeRepository({ files: { 'a.txt': 'one' } })
    const remote = overHttp(repository)

    await ensureMirror(local.host, remote)

    expect(await readFile(join(remote.folder, 'repository.git/config'), 'utf8')).not.toMatch(
      /canary|127\.0\.0\.1|helper/,
    )
    expect(await readdir(join(remote.folder, 'secrets'))).toEqual([])
  })
})

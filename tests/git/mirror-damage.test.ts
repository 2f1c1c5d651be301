import { readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout } from '../../server/git/checkout.js'
import { ensureMirror, resolveCommit } from '../../server/git/mirror.js'
import { parseBranchName } from '../../server/git/ref-name.js'
import { git } from '../support/git-repository.js'
import { type GitScene, startGitScene } from '../support/git-scene.js'
import { needs } from '../support/parts.js'

describe.skipIf(!needs('git', 'sshd'))('a mirror that was damaged', () => {
  let scene: GitScene
  const main = parseBranchName('main')

  beforeAll(async () => {
    scene = await startGitScene()
  })
  afterAll(() => scene.stop())

  const start = async () => {
    const repository = await scene.server.makeRepository({ files: manyFiles })
    const remote = scene.remote(repository.httpUrl)
    await ensureMirror(scene.host, remote)
    return { repository, remote }
  }

  test.each([
    ['a pack cut short', /\.pack$/, (file: string) => truncate(file, 40)],
    ['a pack that is gone', /\.pack$/, (file: string) => rm(file)],
    ['an empty branch file', /^refs\/heads\/main$/, (file: string) => truncate(file, 0)],
    ['a broken HEAD', /^HEAD$/, (file: string) => writeFile(file, 'nonsense')],
    ['a broken configuration', /^config$/, (file: string) => writeFile(file, '[core')],
  ])('is fetched anew: %s', async (_, which, damage) => {
    const { repository, remote } = await start()
    const names = (await readdir(join(remote.folder, 'repository.git'), { recursive: true })).filter((name) =>
      which.test(name),
    )
    expect(names).not.toEqual([])
    for (const name of names) await damage(join(remote.folder, 'repository.git', name))
    await repository.commit({ files: { 'a.txt': 'two' } })

    await ensureMirror(scene.host, remote)

    const sha = await resolveCommit(scene.host, remote, main)
    expect(sha).toBe(await repository.head())
    await expect(git(join(remote.folder, 'repository.git'), 'fsck', '--full', '--strict')).resolves.toBe('')
  })

  test('that is found out only while its files are written is removed, so that the next deploy heals it', async () => {
    const { remote } = await start()
    const objects = join(remote.folder, 'repository.git/objects')
    const pack = (await readdir(join(objects, 'pack'))).find((name) => name.endsWith('.pack')) ?? ''
    const sha = await resolveCommit(scene.host, remote, main)
    const into = join(scene.root, 'releases/1')
    const file = join(objects, 'pack', pack)
    await damageEnd(file)

    await expect(checkout(scene.host, { folder: remote.folder, sha, into })).rejects.toMatchObject({ status: 409 })
    await ensureMirror(scene.host, remote)
    await checkout(scene.host, { folder: remote.folder, sha, into })

    expect(await readFile(join(into, 'file-1.txt'), 'utf8')).toBe('1')
  })
})

/** Enough objects for the server to send a pack that is kept as one (fetch.unpackLimit is 100). */
const manyFiles = Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`file-${index}.txt`, `${index}`]))

/** Blobs stand after commits and trees in a pack, so only the reading of a file meets this. */
async function damageEnd(file: string): Promise<void> {
  const bytes = await readFile(file)
  bytes.fill(0, bytes.length - 400, bytes.length - 20)
  await writeFile(file, bytes)
}

import { existsSync } from 'node:fs'
import { lstat, mkdir, readdir, readFile, readlink, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout } from '../../server/git/checkout.js'
import { ensureMirror, resolveCommit } from '../../server/git/mirror.js'
import { type CommitSha, parseBranchName } from '../../server/git/ref-name.js'
import type { TestFiles } from '../support/git-repository.js'
import { type GitScene, startGitScene } from '../support/git-scene.js'
import { needs } from '../support/parts.js'

describe.skipIf(!needs('git', 'sshd'))('the work tree of a commit', () => {
  let scene: GitScene
  let made = 0

  beforeAll(async () => {
    scene = await startGitScene()
  })
  afterAll(() => scene.stop())

  const mirrored = async (files: TestFiles) => {
    const repository = await scene.server.makeRepository({ files })
    const remote = scene.remote(repository.httpUrl)
    await ensureMirror(scene.host, remote)
    const sha = await resolveCommit(scene.host, remote, parseBranchName('main'))
    return { repository, remote, work: { folder: remote.folder, sha, into: join(scene.root, `releases/${++made}`) } }
  }

  test('has exactly the files of that commit, with their modes and links, and no .git', async () => {
    const { repository, remote, work } = await mirrored({
      'a.txt': 'one',
      'docs/b c.md': 'two',
      'bin/start': { program: '#!/bin/sh\n' },
      current: { link: 'a.txt' },
      'left-out.txt': 'still here',
      '.gitattributes': 'left-out.txt export-ignore\nversion.txt export-subst\n',
      'version.txt': '$Format:%H$',
      '.gitignore': 'a.txt\n',
    })
    await repository.commit({ files: { 'a.txt': 'newer' } })
    await ensureMirror(scene.host, remote)

    await checkout(scene.host, work)

    expect((await readdir(work.into)).toSorted()).toEqual([
      '.gitattributes',
      '.gitignore',
      'a.txt',
      'bin',
      'current',
      'docs',
      'left-out.txt',
      'version.txt',
    ])
    expect(await readFile(join(work.into, 'a.txt'), 'utf8')).toBe('one')
    expect(await readFile(join(work.into, 'docs/b c.md'), 'utf8')).toBe('two')
    expect(await readFile(join(work.into, 'version.txt'), 'utf8')).toBe('$Format:%H$')
    expect(await readlink(join(work.into, 'current'))).toBe('a.txt')
    expect((await lstat(join(work.into, 'bin/start'))).mode & 0o111).toBe(0o111)
  })

  test('is made afresh when it is asked for twice', async () => {
    const { work } = await mirrored({ 'a.txt': 'one' })
    await checkout(scene.host, work)
    await writeFile(join(work.into, 'left-by-a-lost-run'), '')
    await writeFile(join(work.folder, 'checkout.index.lock'), '')

    await checkout(scene.host, work)

    expect(await readdir(work.into)).toEqual(['a.txt'])
  })

  test('removes a symlink that stands in its place, not what it leads to', async () => {
    const { work } = await mirrored({ 'a.txt': 'one' })
    const elsewhere = join(scene.root, 'elsewhere')
    await mkdir(elsewhere)
    await writeFile(join(elsewhere, 'precious'), '')
    await mkdir(join(scene.root, 'releases'), { recursive: true })
    await symlink(elsewhere, work.into)

    await checkout(scene.host, work)

    expect(await readdir(elsewhere)).toEqual(['precious'])
    expect((await lstat(work.into)).isDirectory()).toBe(true)
  })

  test('is only ever made under the root of the host', async () => {
    const { work } = await mirrored({ 'a.txt': 'one' })

    await expect(checkout(scene.host, { ...work, into: '/etc' })).rejects.toThrow('is not under')
    await expect(checkout(scene.host, { ...work, into: `${scene.root}/../x` })).rejects.toThrow('is not under')
  })

  test('notes the files that are only Git LFS pointers, and runs no LFS', async () => {
    const pointer = 'version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 9\n'
    const { work } = await mirrored({ '.gitattributes': '*.bin filter=lfs\n', 'a.bin': pointer, 'b.txt': 'b' })
    const said: string[] = []

    const result = await checkout(scene.host, work, { onLine: (line) => said.push(line) })

    expect(result).toEqual({ lfsFiles: ['a.bin'] })
    expect(said.join('\n')).toContain('hold only a pointer: a.bin')
    expect(await readFile(join(work.into, 'a.bin'), 'utf8')).toBe(pointer)
  })

  test('CI-08: is refused for a commit with submodules, whatever their address, by their names', async () => {
    const { repository, remote, work } = await mirrored({
      '.gitmodules': '[submodule "x"]\n\tpath = vendor/x\n\turl = ext::sh -c "touch canary"\n',
    })
    await repository.git('update-index', '--add', '--cacheinfo', `160000,${work.sha},vendor/x`)
    await repository.git('-c', 'user.name=a', '-c', 'user.email=a@b', 'commit', '-q', '-m', 'Add a submodule')
    await repository.push()
    await ensureMirror(scene.host, remote)
    const sha = (await repository.head()) as CommitSha // Git made it

    await expect(checkout(scene.host, { ...work, sha })).rejects.toMatchObject({
      status: 422,
      message: expect.stringContaining('has submodules, which Hostler does not fetch: vendor/x'),
    })
    expect(existsSync(work.into)).toBe(false)
  })

  test('CI-08: runs no hook, filter or monitor that a repository brings, and writes through none of its links', async () => {
    const outside = join(scene.root, 'outside')
    await mkdir(outside, { recursive: true })
    const canary = join(outside, 'canary')
    const { work } = await mirrored({
      '.githooks/post-checkout': { program: `#!/bin/sh\ntouch ${canary}\n` },
      '.gitattributes': '*.txt filter=evil diff=evil merge=evil\n',
      '.gitconfig': `[core]\n\thooksPath = .githooks\n\tfsmonitor = touch ${canary}\n[filter "evil"]\n\tsmudge = touch ${canary}\n`,
      'a.txt': 'one',
      out: { link: outside },
      etc: { link: '../../../../../../etc' },
    })

    await checkout(scene.host, work)

    expect(await readdir(outside)).toEqual([])
    expect(await readlink(join(work.into, 'out'))).toBe(outside)
  })

  test('CI-08: never leaves its folder: not by .., not by .git, not by a link and a folder of one name', async () => {
    const { repository, remote, work } = await mirrored({ 'a.txt': 'one' })
    const outside = join(scene.root, 'victim')
    await mkdir(outside, { recursive: true })
    const blob = await repository.git('rev-parse', 'HEAD:a.txt')
    const link = await repository.hashObject('blob', outside)
    const inner = await repository.hashObject('tree', treeOf(['100644', 'canary', blob]))
    const trees = {
      dots: treeOf(['40000', '..', inner]),
      git: treeOf(['40000', '.git', inner]),
      twice: treeOf(['120000', 'out', link], ['40000', 'out', inner]),
    }
    const refused: string[] = []
    for (const [name, tree] of Object.entries(trees)) {
      const sha = await repository.commitTree(await repository.hashObject('tree', tree), name)
      await ensureMirror(scene.host, remote)

      await checkout(scene.host, { ...work, sha: sha as CommitSha }).catch(() => refused.push(name)) // Git made it

      expect(existsSync(join(outside, 'canary'))).toBe(false)
      expect(existsSync(join(scene.root, 'releases/canary'))).toBe(false)
      expect(existsSync(join(work.into, '.git'))).toBe(false)
    }
    expect(refused).toEqual(['dots', 'git'])
  })
})

const treeOf = (...entries: readonly (readonly [mode: string, name: string, hash: string])[]): Buffer =>
  Buffer.concat(entries.flatMap(([mode, name, hash]) => [Buffer.from(`${mode} ${name}\0`), Buffer.from(hash, 'hex')]))

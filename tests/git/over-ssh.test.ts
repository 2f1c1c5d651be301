import { existsSync } from 'node:fs'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { checkout } from '../../server/git/checkout.js'
import { commitInfo } from '../../server/git/history.js'
import { ensureMirror, resolveCommit } from '../../server/git/mirror.js'
import { listBranches } from '../../server/git/probe.js'
import { parseBranchName } from '../../server/git/ref-name.js'
import { type GitScene, startGitScene } from '../support/git-scene.js'
import { needs } from '../support/parts.js'
import { sshHost } from '../support/ssh-hosts.js'
import { type Sshd, startSshd } from '../support/sshd.js'

describe.skipIf(!needs('git', 'sshd'))('a server that is reached over SSH', () => {
  let scene: GitScene
  let sshd: Sshd

  beforeAll(async () => {
    scene = await startGitScene()
    sshd = await startSshd()
  })
  afterAll(async () => {
    await sshd.stop()
    await scene.stop()
  })

  test.each(['HTTP', 'SSH'])(
    'CI-01: CI-07: gets the exact commit of a branch with a hostile name, over %s',
    async (way) => {
      await using host = disposable(sshHost(sshd))
      const canary = join(sshd.folder, 'canary')
      const branch = parseBranchName(`a;touch\${IFS}${canary}$(touch\${IFS}${canary})'"|&#`)
      const repository = await scene.server.makeRepository({ files: { 'a.txt': 'main' } })
      const sha = await repository.commit({ files: { "a'$(id).txt": 'x' }, branch, message: '$(id) `id`' })
      const source =
        way === 'HTTP'
          ? { url: scene.url(repository.httpUrl), credentials: scene.token() }
          : { url: scene.url(repository.sshUrl), credentials: scene.deployKey() }
      const remote = { ...source, folder: `${host.root}/sites/${way} it's $(id) %h/git` }
      const into = `${host.root}/releases/${way} it's $(id)`

      const { branches } = await listBranches(host, source)
      await ensureMirror(host, remote)
      const resolved = await resolveCommit(host, remote, branch)
      await checkout(host, { folder: remote.folder, sha: resolved, into })

      expect(branches).toContainEqual({ name: branch, sha })
      expect(resolved).toBe(sha)
      expect((await commitInfo(host, remote.folder, resolved)).subject).toBe('$(id) `id`')
      expect(await readFile(join(into, "a'$(id).txt"), 'utf8')).toBe('x')
      expect(await readdir(join(remote.folder, 'secrets'))).toEqual([])
      expect(existsSync(canary)).toBe(false)
    },
  )
})

const disposable = <T extends { close(): Promise<void> }>(host: T) =>
  Object.assign(host, { [Symbol.asyncDispose]: () => host.close() })

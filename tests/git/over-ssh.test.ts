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
import { startSshHost } from '../support/host-kinds.js'
import { needs } from '../support/parts.js'

describe.skipIf(!needs('git', 'sshd'))('a server that is reached over SSH', () => {
  let scene: GitScene
  let machine: Awaited<ReturnType<typeof startSshHost>>

  beforeAll(async () => {
    scene = await startGitScene()
    machine = await startSshHost()
  })
  afterAll(async () => {
    await machine.stop()
    await scene.stop()
  })

  test.each(['HTTP', 'SSH'])(
    'CI-01: CI-07: gets the exact commit of a branch with a hostile name, over %s',
    async (way) => {
      const { host } = machine
      const canary = join(host.root, 'canary')
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

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { ensureMirror } from '../../server/git/mirror.js'
import { listBranches } from '../../server/git/probe.js'
import type { RepositoryUrl } from '../../server/git/repository-url.js'
import { UserError } from '../../server/platform/errors.js'
import { RemoteCommandError } from '../../server/platform/ssh/remote-command-error.js'
import { git } from '../support/git-repository.js'
import { startLocalHost } from '../support/host-kinds.js'
import { needs } from '../support/parts.js'

/** Addresses that `parseRepositoryUrl` refuses, handed on as if it had not been asked (CI-05: put straight into a row). */
describe.skipIf(!needs('git'))('an address that nobody parsed', () => {
  let local: Awaited<ReturnType<typeof startLocalHost>>

  beforeAll(async () => {
    local = await startLocalHost()
    await git(local.host.root, 'init', '-q', '--bare', 'elsewhere.git')
  })
  afterAll(() => local.stop())

  test.each([
    ['ext::sh -c touch% CANARY'],
    ['ext::touch CANARY'],
    ['fd::0'],
    ['file://ROOT/elsewhere.git'],
    ['ROOT/elsewhere.git'],
    ['--upload-pack=touch CANARY'],
    ['-oProxyCommand=touch CANARY'],
    ['ssh://-oProxyCommand=touch CANARY/x'],
    ['git://127.0.0.1:1/x'],
    ['http://127.0.0.1:1/x'],
  ])('CI-08: Git itself refuses %s', async (address) => {
    const canary = join(local.host.root, 'canary')
    const text = address.replace('CANARY', canary).replace('ROOT', local.host.root)
    const url = { text, protocol: 'https', host: 'x', port: null, user: null, path: 'x/y' } as unknown as RepositoryUrl // forged
    const source = { url, credentials: { kind: 'none' } as const }

    const refusals = await Promise.allSettled([
      listBranches(local.host, source),
      ensureMirror(local.host, { ...source, folder: join(local.host.root, 'mirror') }),
    ])

    for (const refusal of refusals) {
      expect(refusal.status).toBe('rejected')
      const reason: unknown = refusal.status === 'rejected' ? refusal.reason : null
      expect(reason instanceof UserError || reason instanceof RemoteCommandError).toBe(true)
    }
    expect(existsSync(canary)).toBe(false)
  })
})

import { readFileSync, writeFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Secret } from '../../server/platform/secret.js'
import { type Sshd, startSshd } from './sshd.js'

export interface DeployKey {
  readonly privateKey: Secret
  readonly publicKey: string
}

/** An sshd that runs nothing but Git, and the key that it lets in. */
export async function startGitSshd(): Promise<{ sshd: Sshd; key: DeployKey; stop: () => Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'hostler-git-shell-'))
  const program = join(folder, 'only-git')
  writeFileSync(program, '#!/bin/sh\nexec git shell -c "$SSH_ORIGINAL_COMMAND"\n', { mode: 0o755 })
  const sshd = await startSshd([`ForceCommand ${program}`, 'AcceptEnv GIT_PROTOCOL'])
  const publicKey = readFileSync(join(sshd.folder, 'authorized_keys'), 'utf8').trim()
  const stop = async () => {
    await sshd.stop()
    await rm(folder, { recursive: true, force: true })
  }
  return { sshd, key: { privateKey: sshd.privateKey, publicKey }, stop }
}

import { mkdirSync, mkdtempSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { LocalHost } from '../../server/platform/ssh/local-host.js'
import { SshHost, type SshOptions } from '../../server/platform/ssh/ssh-host.js'
import { type Sshd, startSshd } from './sshd.js'

export interface StartedHost<H = LocalHost | SshHost> {
  readonly host: H
  stop(): Promise<void>
}

/** Both kinds of machine, for what must be the same on both: `describe.each(hostKinds)`. Their root is a real folder. */
export const hostKinds: readonly (readonly [string, () => Promise<StartedHost>])[] = [
  ['LocalHost', startLocalHost],
  ['SshHost', startSshHost],
]

export async function startLocalHost(): Promise<StartedHost<LocalHost>> {
  const root = mkdtempSync(`${tmpdir()}/hostler-local-`)
  return {
    host: new LocalHost({ name: 'web-1', root }),
    // A relay that was just told to end writes its last lines meanwhile, and each try needs time before the next.
    stop: () => rm(root, { recursive: true, force: true, maxRetries: 10 }),
  }
}

export async function startSshHost(): Promise<StartedHost<SshHost>> {
  const sshd = await startSshd()
  const host = sshHost(sshd)
  return {
    host,
    async stop() {
      await host.close()
      await sshd.stop()
    },
  }
}

/** A host on that sshd, with its key pinned. */
export function sshHost(sshd: Sshd, options: SshOptions = {}): SshHost {
  const root = `${sshd.folder}/root`
  mkdirSync(root, { recursive: true })
  return new SshHost({ ...sshd, name: 'web-1', root }, options)
}

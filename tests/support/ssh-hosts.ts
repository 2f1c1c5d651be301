import { mkdirSync } from 'node:fs'
import type { Host } from '../../server/platform/ssh/host.js'
import { SshHost, type SshOptions } from '../../server/platform/ssh/ssh-host.js'
import type { Sshd } from './sshd.js'

/** A host on that sshd, with its key pinned. */
export function sshHost(sshd: Sshd, options: SshOptions = {}): SshHost {
  return new SshHost({ ...sshd, name: 'web-1', root: `${sshd.folder}/root` }, options)
}

/** A folder on the machine that the tests share with the host. */
export function folderFor(host: Host, name: string): string {
  const folder = `${host.root}/${name}`
  mkdirSync(folder, { recursive: true })
  return folder
}

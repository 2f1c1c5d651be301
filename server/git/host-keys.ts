import { UserError } from '../platform/errors.js'
import { cmd } from '../platform/shell/command.js'
import type { Host } from '../platform/ssh/host.js'
import { RemoteCommandError } from '../platform/ssh/remote-command-error.js'
import { partsOf } from './commands.js'
import type { Remote } from './remote.js'

const timeoutMs = 10_000

/** The key of a Git server is pinned on first contact. If this error is a later change of it: both fingerprints, in words. */
export async function hostKeyFault(host: Host, { folder, url }: Remote, error: unknown): Promise<UserError | null> {
  if (!(error instanceof RemoteCommandError)) return null
  const text = error.lastLines.join('\n')
  if (!/REMOTE HOST IDENTIFICATION HAS CHANGED|Host key verification failed/.test(text)) return null

  const shown = /(SHA256:[\w+/=]+)/.exec(text)?.[1] ?? 'of another key'
  const pinned = (await pinnedFingerprints(host, folder)).join(' or ') || 'unknown'
  return new UserError(
    409,
    `${url.host} showed another host key than before: ${shown} instead of ${pinned}. Nothing was fetched`,
    'Compare the new fingerprint with the one that the Git server publishes. Accept it only if they are the same.',
    { cause: error },
  )
}

export async function pinnedFingerprints(host: Host, folder: string): Promise<string[]> {
  const { knownHosts } = partsOf(folder)
  if ((await host.status(cmd('test', '-s', knownHosts), { timeoutMs })) !== 0) return []
  const list = await host.capture(cmd('ssh-keygen', '-l', '-f', knownHosts), { timeoutMs })
  return [...list.matchAll(/SHA256:[\w+/=]+/g)].map(([fingerprint]) => fingerprint)
}

/** After a person compared the fingerprints: the next contact pins the key anew. */
export const forgetHostKey = (host: Host, folder: string): Promise<void> =>
  host.run(cmd('rm', '-f', '--', partsOf(folder).knownHosts), { timeoutMs })

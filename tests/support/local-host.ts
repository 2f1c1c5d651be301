import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LocalHost } from '../../server/platform/ssh/local-host.js'

/** This machine as a host, with a root of its own. */
export async function startLocalHost(): Promise<{ host: LocalHost; root: string; stop: () => Promise<void> }> {
  const root = await mkdtemp(join(tmpdir(), 'hostler-host-'))
  const host = new LocalHost({ name: 'web-1', root })
  const stop = async () => {
    await host.close()
    await rm(root, { recursive: true, force: true })
  }
  return { host, root, stop }
}

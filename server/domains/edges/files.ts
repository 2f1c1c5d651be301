import { dirname } from 'node:path'
import { all, cmd, either } from '../../platform/shell/command.js'
import type { Host } from '../../platform/ssh/host.js'

const timeoutMs = 15_000

/** Says whether it had to be written. Readable by all: Caddy and systemd read such files as other users. */
export async function ensureFile(host: Host, file: string, text: string): Promise<boolean> {
  const read = either(all(cmd('test', '-f', file), cmd('cat', '--', file)), cmd('test', '!', '-e', file))
  if ((await host.capture(read, { timeoutMs })) === text) return false
  await host.run(cmd('mkdir', '-p', '--', dirname(file)), { timeoutMs })
  await host.upload(file, text, 0o644)
  return true
}

import { all, cmd, into } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import { ensureFile } from '../files.js'

const file = '/etc/sysctl.d/60-hostler.conf'
const name = 'net.ipv4.tcp_migrate_req'
const kernelSetting = `/proc/sys/${name.replaceAll('.', '/')}`
const timeoutMs = 30_000

/**
 * For "prepare server". Each configuration of Caddy listens for itself, and when the old one is closed the kernel resets
 * whoever waits there to be let in: two or three of 165,000 requests over forty changes. With this setting it hands them to
 * the new one (Linux 5.14, https://docs.kernel.org/networking/ip-sysctl.html). Changes nothing where systemd does not run,
 * where the kernel does not have it, where it is not ours to change, as in a container, or where it is set already.
 */
export async function keepWaitingVisitors(host: Host): Promise<void> {
  const isOff = all(
    cmd('test', '-d', '/run/systemd/system', '-a', '-w', kernelSetting, '-a', '-w', '/etc/sysctl.d'),
    cmd('grep', '-qx', '0', kernelSetting),
  )
  if ((await host.status(isOff, { timeoutMs })) !== 0) return
  await ensureFile(
    host,
    file,
    `# Visitors who wait while Caddy takes a new configuration are not turned away.\n${name} = 1\n`,
  )
  await host.run(into(cmd('echo', '1'), kernelSetting), { timeoutMs })
}

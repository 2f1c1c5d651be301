import { UserError } from '../../platform/errors.js'
import { all, type Command, cmd, either } from '../../platform/shell/command.js'
import { fenced } from '../../platform/ssh/fencing.js'
import type { Fence, Host } from '../../platform/ssh/host.js'
import { ensureScripts } from '../../platform/ssh/scripts.js'
import type { EdgePlace } from './edge.js'
import { isAddress, logFolder, upstreamFolder } from './layout.js'
import { edgeScripts } from './scripts.js'

const timeoutMs = 30_000

/** Others than the owner may enter and list it: the edge often runs as its own user. */
export const makeFolders = (site: EdgePlace): Command =>
  all(
    cmd('mkdir', '-p', '--', upstreamFolder(site.folder), logFolder(site.folder)),
    cmd('chmod', '0755', '--', upstreamFolder(site.folder)),
  )

/** Prints nothing where the folder is not there yet, and fails where it cannot be read. */
export const listAddresses = (folder: string): Command =>
  either(all(cmd('test', '-d', folder), cmd('ls', '-A', '--', folder)), cmd('test', '!', '-e', folder))

export async function currentAddress(host: Host, site: EdgePlace): Promise<string | null> {
  const listed = await host.capture(listAddresses(upstreamFolder(site.folder)), { timeoutMs })
  return listed.split('\n').find(isAddress) ?? null
}

/** One rename on the host, refused there for a number that is not the newest. The same for both edges. */
export async function switchUpstream(host: Host, site: EdgePlace, address: string, fence: Fence): Promise<void> {
  if (!isAddress(address)) throw new UserError(422, `"${address}" is not an address such as 127.0.0.1:8981`)
  const [platform, own] = await Promise.all([ensureScripts(host), edgeScripts(host)])
  const rename = cmd(own('switch.sh'), upstreamFolder(site.folder), address)
  await host.run(fenced(platform, fence.lockFile, fence.number, rename), { timeoutMs })
}

/** Both edges answer 503 by themselves while the folder is empty. */
export async function clearUpstream(host: Host, site: EdgePlace, fence: Fence): Promise<void> {
  const empty = cmd('find', upstreamFolder(site.folder), '-mindepth', 1, '-delete')
  await host.run(fenced(await ensureScripts(host), fence.lockFile, fence.number, empty), { timeoutMs })
}

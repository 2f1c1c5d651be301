import { all, type Command, cmd } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import type { EdgeCheck } from '../edge.js'
import { edgeScripts } from '../scripts.js'
import { type RelayBundle, relayBundle } from './bundle.js'

const timeoutMs = 30_000

export const relayFolder = (host: Host): string => `${host.root}/relay`

/** Says what would keep the relay from running; starts nothing. */
export async function checkRelay(host: Host): Promise<EdgeCheck> {
  if ((await askScript(host, 'check')) !== null) return { ok: true }
  return {
    ok: false,
    why: `Node 20 or newer was not found on ${host.name}`,
    fix: 'Prepare the server: it installs Node for the relay. Or use Caddy there.',
  }
}

/**
 * Brings the relay of this panel's version and has it run. A newer version takes over from the running one without closing the
 * ports (SIGHUP). Says whether anything had to be done.
 */
export async function ensureRelay(host: Host): Promise<boolean> {
  const { code, version } = await relayBundle()
  const state = await askScript(host, 'state', version)
  if (state === 'current') return false
  await bringRelay(host, { code, version })
  const pid = await askScript(host, 'pid')
  if (pid !== null) await host.run(cmd('kill', '-HUP', pid), { timeoutMs })
  else await askScript(host, 'start')
  return true
}

async function bringRelay(host: Host, { code, version }: RelayBundle): Promise<void> {
  const folder = relayFolder(host)
  const own = `${folder}/versions/${version}/relay.cjs`
  const isBrought = (await host.status(cmd('test', '-f', own), { timeoutMs })) === 0
  if (!isBrought) {
    await host.run(cmd('mkdir', '-p', '--', `${folder}/versions/${version}`, `${folder}/sites`), { timeoutMs })
    await host.upload(own, code, 0o755)
  }
  await askScript(host, 'point', version)
}

/** Ends it after the requests under way. Sites stay written, so the next start has them again. */
export async function stopRelay(host: Host): Promise<void> {
  await askScript(host, 'stop')
}

export async function stopIdleRelay(host: Host): Promise<void> {
  await askScript(host, 'stop-if-idle')
}

/** Prints under which id it runs, and nothing where it does not. In one go, for whoever asks many machines each minute. */
export function relayId(root: string): Command {
  const pidFile = `${root}/relay/relay.pid`
  const isRelay = ['grep', '-qaF', '--', `${root}/relay/relay.cjs`, '/proc/{}/cmdline']
  return all(cmd('xargs', '-a', pidFile, '-I', '{}', ...isRelay), cmd('cat', '--', pidFile))
}

/** Has systemd, where it runs, start the relay with the machine once a first site has brought it. */
export async function superviseRelay(host: Host): Promise<void> {
  await askScript(host, 'supervise')
}

type Act = 'check' | 'pid' | 'state' | 'point' | 'start' | 'supervise' | 'stop' | 'stop-if-idle'

async function askScript(host: Host, act: Act, ...words: readonly string[]): Promise<string | null> {
  const scripts = await edgeScripts(host)
  const said = await host.capture(cmd(scripts('relay.sh'), act, host.root, ...words), { timeoutMs })
  return said.trim() || null
}

import { all, type Command, cmd } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import type { EdgePlace, EdgeSite } from '../edge.js'
import { ensureFile, ensureFiles } from '../files.js'
import { edgeScripts } from '../scripts.js'
import type { AdminDoor } from './admin.js'
import { accessLog, siteServer } from './config.js'

/**
 * Debian's Caddy starts from its Caddyfile and forgets what came by the admin API. Its `--resume` would remember, but then ignore
 * what people write into the Caddyfile. So our part lies beside it, and a script that systemd runs after each start and reload
 * puts it back. Where there is no systemd, the health poll does after a restart of the machine (`reconcile`), each deploy for its own
 * site, and whoever asks once a minute what was lost.
 */
export const savedFolder = (host: Host): string => `${host.root}/caddy/sites`

const dropIn = '/etc/systemd/system/caddy.service.d/hostler.conf'
const timeoutMs = 30_000

export async function saveSite(host: Host, site: EdgeSite): Promise<void> {
  const files = new Map([
    [`${site.siteId}.log.json`, JSON.stringify(accessLog(site))],
    [`${site.siteId}.server.json`, JSON.stringify(siteServer(site))],
  ])
  await ensureFiles(host, savedFolder(host), files)
}

export const forgetSite = (host: Host, site: EdgePlace): Command => cmd('rm', '-f', '--', ...filesOf(host, site))

const filesOf = (host: Host, site: EdgePlace): [string, string] => [
  `${savedFolder(host)}/${site.siteId}.server.json`,
  `${savedFolder(host)}/${site.siteId}.log.json`,
]

/** The words that restore our sites on that machine. */
export async function restoreCommand(host: Host, door: AdminDoor): Promise<Command> {
  const scripts = await edgeScripts(host)
  const where = 'port' in door ? [`127.0.0.1:${door.port}`] : ['localhost', door.socket]
  return cmd('/bin/sh', scripts('caddy-restore.sh'), savedFolder(host), ...where)
}

/** For "prepare server". Changes nothing where systemd does not run, or is not ours to change, or all is there already. */
export async function restoreAfterRestarts(host: Host, door: AdminDoor): Promise<void> {
  const isOurs = all(cmd('test', '-d', '/run/systemd/system'), cmd('test', '-w', '/etc/systemd/system'))
  if ((await host.status(isOurs, { timeoutMs })) !== 0) return
  const isNew = await ensureFile(host, dropIn, dropInText(await restoreCommand(host, door)))
  if (isNew) await host.run(cmd('systemctl', 'daemon-reload'), { timeoutMs })
}

/**
 * The minus: Caddy counts as started whether or not our part came back. Debian's unit has nothing that starts a Caddy again which was
 * killed; it ends with 1 when it cannot read its configuration, which to start it again would not mend.
 */
export function dropInText(restore: Command): string {
  const words = restore.kind === 'exec' ? restore.words : []
  const line = words.map((word) => `"${String(word).replace(/["\\]/g, '\\$&').replaceAll('%', '%%')}"`).join(' ')
  return `[Unit]
StartLimitIntervalSec=0

[Service]
ExecStartPost=-${line}
ExecReload=-${line}
Restart=on-failure
RestartSec=1
RestartPreventExitStatus=1
`
}

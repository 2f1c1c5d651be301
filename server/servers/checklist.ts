import { z } from 'zod'
import type { ServersRow } from '../platform/db/tables.js'
import { explain } from '../platform/ssh/explain.js'
import { HostKeyChangedError } from '../platform/ssh/host-key.js'
import { RemoteCommandError } from '../platform/ssh/remote-command-error.js'
import { pasteLine } from './commands.js'
import type { Facts } from './facts.js'

/** What a server must be for sites to run on it. Pure: from what was seen to what a person reads and does next. */
export const CheckItem = z.object({
  key: z.string(),
  title: z.string(),
  state: z.enum(['good', 'bad', 'warning', 'waiting']),
  text: z.string(),
  /** One sentence, and the command where there is one. */
  fix: z.string().nullable(),
  command: z.string().nullable(),
})
export type CheckItem = z.output<typeof CheckItem>

type Server = Pick<ServersRow, 'name' | 'kind' | 'username' | 'public_key' | 'runtime' | 'edge'>

const titles = {
  reachable: 'Reachable',
  'host-key': 'Host key pinned',
  key: 'Key accepted',
  rights: 'Rights',
  os: 'System',
  disk: 'Disk',
  memory: 'Memory',
  git: 'Git',
  runtime: 'Runtime',
  edge: 'Edge',
} as const
type Key = keyof typeof titles

const item = (key: Key, state: CheckItem['state'], text: string, fix?: string, command?: string): CheckItem => ({
  key,
  title: titles[key],
  state,
  text,
  fix: fix ?? null,
  command: command ?? null,
})
const good = (key: Key, text: string) => item(key, 'good', text)

const sshOnly: readonly Key[] = ['host-key', 'key']
const keysOf = (kind: Server['kind']): Key[] =>
  (Object.keys(titles) as Key[]).filter((key) => kind === 'ssh' || !sshOnly.includes(key)) // `as`: its own keys

/** The items that are known, and the rest as waiting, in the order that people read. */
export const checklistOf = (kind: Server['kind'], known: readonly CheckItem[]): CheckItem[] =>
  keysOf(kind).map((key) => known.find((one) => one.key === key) ?? item(key, 'waiting', ''))

export const isReady = (items: readonly CheckItem[]): boolean =>
  items.length > 0 && items.every(({ state }) => state === 'good' || state === 'warning')

/** How far the first command came: `error` is what it met, null when it ran. */
export function signInItems(server: Server, fingerprint: string | null, error: unknown): CheckItem[] {
  if (server.kind === 'local') {
    if (!error) return [good('reachable', 'Hostler runs on it, so no SSH is needed')]
    const { message, hint } = explain(error)
    return [item('reachable', 'bad', message, hint)]
  }
  const reached = good('reachable', 'SSH answers')
  const pinned = good('host-key', fingerprint ?? '')
  const accepted = good('key', `Signed in as ${server.username}`)
  if (!error) return [reached, pinned, accepted]

  const { message, hint } = explain(error)
  if (error instanceof HostKeyChangedError) return [reached, item('host-key', 'bad', message, hint)]
  if (isKeyRefused(error)) {
    const command = server.public_key === null ? undefined : pasteLine(server.public_key)
    return [reached, pinned, item('key', 'bad', message, hint, command)]
  }
  // The sign-in worked; what failed is the first command, which begins with sudo.
  if (error instanceof RemoteCommandError) return [reached, pinned, accepted, item('rights', 'bad', message, hint)]
  return [item('reachable', 'bad', message, hint)]
}

const isKeyRefused = (error: unknown): boolean =>
  error instanceof Error && (error.cause as { level?: unknown } | undefined)?.level === 'client-authentication'

export const machineItems = (facts: Facts): CheckItem[] => [rights(facts), os(facts), disk(facts), memory(facts)]

function rights({ isRoot, user }: Facts): CheckItem {
  if (isRoot) return good('rights', 'May do what root may')
  const text = `Hostler runs here as ${user || 'an ordinary user'}: it cannot install packages, and all sites run as that user`
  return item('rights', 'warning', text, 'Start Hostler as root to have every site run as a user of its own.')
}

/** The oldest that still get security updates. */
const oldestVersion: Record<string, number> = { debian: 11, ubuntu: 20.04 }

function os({ os: system, kernel }: Facts): CheckItem {
  if (!system)
    return item(
      'os',
      'warning',
      `An unknown system (${kernel || 'no answer'})`,
      'Hostler is made for Debian and Ubuntu.',
    )
  const oldest = oldestVersion[system.family]
  if (oldest === undefined)
    return item(
      'os',
      'warning',
      system.name,
      'Hostler cannot install packages here: do it by hand, or use Debian or Ubuntu.',
    )
  if (Number.parseFloat(system.version) < oldest)
    return item('os', 'warning', `${system.name} gets no more security updates`, 'Upgrade the system of this server.')
  return good('os', system.name)
}

const gigabyte = 1024 ** 3
const inGigabytes = (bytes: number): string => `${(bytes / gigabyte).toFixed(1)} GB`

function disk({ diskFreeBytes: free, diskTotalBytes: total }: Facts): CheckItem {
  if (free === null || total === null) return item('disk', 'warning', 'The server did not say how large its disk is')
  const text = `${inGigabytes(free)} of ${inGigabytes(total)} free`
  const fix = 'Make room: old packages ("apt-get clean"), logs and Docker images are the usual cause.'
  if (free < gigabyte) return item('disk', 'bad', text, fix, 'df -h')
  return free < 5 * gigabyte ? item('disk', 'warning', text, fix, 'df -h') : good('disk', text)
}

function memory({ memoryTotalBytes: total }: Facts): CheckItem {
  if (total === null) return item('memory', 'warning', 'The server did not say how much memory it has')
  if (total < gigabyte / 2)
    return item('memory', 'warning', inGigabytes(total), 'Builds may run out of memory: add memory or swap.')
  return good('memory', inGigabytes(total))
}

export type EdgeVerdict = { ok: true } | { ok: false; why: string; fix: string }

const prepareIt = 'Prepare the server: Hostler installs it. Or do it by hand.'

export const programItems = (server: Server, facts: Facts, edge: EdgeVerdict): CheckItem[] => [
  facts.git
    ? good('git', `Git ${facts.git}`)
    : item('git', 'bad', 'Git is not installed', prepareIt, 'apt-get install git'),
  server.runtime === 'docker' ? docker(facts) : supervisor(facts),
  edge.ok
    ? good('edge', server.edge === 'caddy' ? `Caddy ${facts.caddy ?? ''}`.trim() : 'The relay that Hostler brings')
    : item('edge', 'bad', edge.why, edge.fix),
]

function docker({ docker: version, programs, hasSystemd }: Facts): CheckItem {
  if (version) return good('runtime', `Docker ${version}`)
  if (!programs.includes('docker'))
    return item('runtime', 'bad', 'Docker is not installed', prepareIt, 'apt-get install docker.io')
  const start = hasSystemd ? 'systemctl enable --now docker' : 'service docker start'
  return item('runtime', 'bad', 'Docker is installed but does not answer', 'Start it.', start)
}

function supervisor({ hasSystemd, isRoot, programs }: Facts): CheckItem {
  if (hasSystemd && isRoot) return good('runtime', 'systemd keeps sites running')
  if (programs.includes('runit')) return good('runtime', 'runit keeps sites running')
  const after = 'nothing starts the sites again after a restart of the machine'
  if (hasSystemd) {
    const text = `systemd takes sites from root only, and there is no runit: ${after}`
    return item('runtime', 'warning', text, 'Start Hostler as root, or install runit.', 'apt-get install runit')
  }
  const text = `There is neither systemd nor runit: ${after}`
  return item('runtime', 'warning', text, prepareIt, 'apt-get install runit')
}

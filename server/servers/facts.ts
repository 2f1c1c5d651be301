import { z } from 'zod'
import { plainText } from '../platform/ssh/plain-text.js'
import { mark } from './commands.js'
import { programNames } from './packages.js'

/** What a server said about itself. It may lie: everything is parsed as data and cut, and nothing of it is ever run. */
const Text = z.string().max(120)
const Bytes = z.int().min(0)

export const Facts = z.object({
  user: Text,
  isRoot: z.boolean(),
  os: z.object({ family: Text, name: Text, version: Text }).nullable(),
  kernel: Text,
  cpus: z.int().min(1).max(100_000).nullable(),
  memoryTotalBytes: Bytes.nullable(),
  diskTotalBytes: Bytes.nullable(),
  diskFreeBytes: Bytes.nullable(),
  hasSystemd: z.boolean(),
  programs: z.array(z.enum(programNames)),
  git: Text.nullable(),
  /** Of the running daemon. */
  docker: Text.nullable(),
  caddy: Text.nullable(),
  /** The newest, the machine's own or one that Hostler brought. */
  node: Text.nullable(),
})
export type Facts = z.output<typeof Facts>

export interface Health {
  cpuPercent: number
  memoryUsedBytes: number
  memoryTotalBytes: number
  diskUsedBytes: number
  diskTotalBytes: number
  load: number
  /** Differs after each start of the machine; null where it does not say. */
  bootId: string | null
  /** Differs from relay to relay; null where none runs. */
  relayId: string | null
}

export function parseFacts(answer: string): Facts {
  const parts = partsOf(answer)
  const line = (part: string) => clean(parts.get(part)?.[0] ?? '')
  const memory = memoryOf(parts.get('memory'))
  const disk = diskOf(parts.get('disk'))
  const cpus = whole(line('cpus'))
  return {
    user: line('user'),
    isRoot: line('uid') === '0',
    os: osOf(parts.get('os') ?? []),
    kernel: line('kernel'),
    cpus: cpus !== null && cpus >= 1 && cpus <= 100_000 ? cpus : null,
    memoryTotalBytes: memory?.totalBytes ?? null,
    diskTotalBytes: disk?.totalBytes ?? null,
    diskFreeBytes: disk?.freeBytes ?? null,
    hasSystemd: line('systemd') === 'yes',
    programs: programNames.filter((name) => line(`has-${name}`).startsWith('/')),
    git: /^git version (\d[\w.-]*)/.exec(line('git'))?.[1] ?? null,
    docker: /^\d[\w.+~-]*$/.exec(line('docker'))?.[0] ?? null,
    caddy: /^v?\d[\w.+~-]*/.exec(line('caddy'))?.[0] ?? null,
    node: newestNode([line('node').replace(/^v/, ''), ...(parts.get('own-nodes') ?? []).slice(0, 50).map(clean)]),
  }
}

/** Null when the machine did not say what was asked. */
export function parseHealth(answer: string): Health | null {
  const parts = partsOf(answer)
  const cpuPercent = busyPercent(parts.get('cpu')?.[0], parts.get('cpu-later')?.[0])
  const memory = memoryOf(parts.get('memory'))
  const disk = diskOf(parts.get('disk'))
  const load = Number.parseFloat(parts.get('load')?.[0] ?? '')
  if (cpuPercent === null || !memory || !disk || !(load >= 0 && load < 1e6)) return null
  return {
    cpuPercent,
    memoryUsedBytes: memory.totalBytes - memory.freeBytes,
    memoryTotalBytes: memory.totalBytes,
    diskUsedBytes: disk.totalBytes - disk.freeBytes,
    diskTotalBytes: disk.totalBytes,
    load,
    bootId: /^[0-9a-f-]{36}$/.exec(parts.get('boot')?.[0] ?? '')?.[0] ?? null,
    relayId: /^\d{1,10}$/.exec(parts.get('relay')?.[0] ?? '')?.[0] ?? null,
  }
}

function partsOf(answer: string): Map<string, string[]> {
  const parts = new Map<string, string[]>()
  const before = mark('')
  let current: string[] = []
  for (const line of answer.slice(0, 100_000).split('\n')) {
    if (!line.startsWith(before)) {
      current.push(line)
      continue
    }
    current = []
    if (parts.size < 100) parts.set(line.slice(before.length), current)
  }
  return parts
}

const clean = (text: string): string =>
  plainText(text.slice(0, 400))
    .replace(/[\p{Cc}\p{Cf}]/gu, '')
    .trim()
    .slice(0, 120)

const whole = (text: string | undefined): number | null => {
  const value = text && /^\d{1,15}$/.test(text) ? Number(text) : null
  return value !== null && Number.isSafeInteger(value) ? value : null
}

/** `NAME="value"` lines; other lines are left out. */
function osOf(lines: readonly string[]): Facts['os'] {
  const values = new Map(
    lines.slice(0, 100).flatMap((line) => {
      const [, key, value] = /^([A-Z_]+)=["']?([^"']*)["']?$/.exec(line) ?? []
      return key === undefined || value === undefined ? [] : [[key, clean(value)] as const]
    }),
  )
  const id = values.get('ID')
  if (!id) return null
  return { family: id, name: values.get('PRETTY_NAME') ?? id, version: values.get('VERSION_ID') ?? '' }
}

/** "Available" is what the kernel would give a new program, as `free` shows it. */
function memoryOf(lines: readonly string[] | undefined): { totalBytes: number; freeBytes: number } | null {
  const kilobytes = (key: string) => {
    const found = lines?.find((line) => line.startsWith(`${key}:`))
    return whole(/^\w+:\s+(\d+) kB$/.exec(found ?? '')?.[1])
  }
  const total = kilobytes('MemTotal')
  const free = kilobytes('MemAvailable') ?? kilobytes('MemFree')
  if (total === null || free === null || total === 0 || free > total || total > 2 ** 40) return null
  return { totalBytes: total * 1024, freeBytes: free * 1024 }
}

/** What root keeps for itself is not free for sites, so "used" is what is not available. */
function diskOf(lines: readonly string[] | undefined): { totalBytes: number; freeBytes: number } | null {
  const fields = lines?.[1]?.trim().split(/\s+/) ?? []
  const used = whole(fields[2])
  const free = whole(fields[3])
  if (used === null || free === null || used + free === 0 || !Number.isSafeInteger(used + free)) return null
  return { totalBytes: used + free, freeBytes: free }
}

const newestNode = (names: readonly string[]): string | null =>
  names
    .filter((name) => /^\d{1,3}\.\d{1,4}\.\d{1,4}$/.test(name))
    .toSorted((a, b) => a.localeCompare(b, 'en', { numeric: true }))
    .at(-1) ?? null

/** Of /proc/stat: user nice system idle iowait irq softirq steal. */
function busyPercent(earlier: string | undefined, later: string | undefined): number | null {
  const ticks = (line: string | undefined) => {
    const values =
      /^cpu +([\d ]+)$/
        .exec(line ?? '')?.[1]
        ?.split(' ')
        .slice(0, 8)
        .map(Number) ?? []
    const total = values.reduce((sum, value) => sum + value, 0)
    return { total, idle: (values[3] ?? 0) + (values[4] ?? 0) }
  }
  const [before, after] = [ticks(earlier), ticks(later)]
  const total = after.total - before.total
  if (!(before.total > 0) || !(total > 0)) return null
  return Math.min(100, Math.max(0, (100 * (total - (after.idle - before.idle))) / total))
}

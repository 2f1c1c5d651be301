import { execFileSync } from 'node:child_process'
import { randomBytes, randomUUID } from 'node:crypto'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import path from 'node:path'
import { NodeVersions } from '../../server/deploys/node-versions/node-versions.js'
import type { BuildPlan, InstancePlan, SitePlace, WorkIo } from '../../server/deploys/runtimes/runtime.js'
import type { Host } from '../../server/platform/ssh/host.js'
import { LocalHost } from '../../server/platform/ssh/local-host.js'
import { freePort } from './sshd.js'

/** Two that differ and can both be had; they are fetched once for a machine, into the cache of the tests. */
export const node22 = '22.23.0'
export const node24 = '24.21.0'

const cache = process.env.HOSTLER_TEST_CACHE ?? path.join(homedir(), '.cache', 'hostler-test')
/** The Nodes that were fetched once for this machine, as a panel keeps them in its data folder. */
export const nodeCache = path.join(cache, 'node')

/** This machine as a server, in a folder of its own. */
export function localServer(): { host: LocalHost; nodeVersions: NodeVersions; remove: () => void } {
  const root = mkdtempSync(path.join(tmpdir(), 'hostler-server-'))
  const host = new LocalHost({ name: 'this machine', root })
  return { host, ...prepareServer(host), remove: () => rmSync(root, { recursive: true, force: true }) }
}

/** Unpacked Nodes are shared between test files, as they are between the sites of a server. */
export function prepareServer(host: Host): { nodeVersions: NodeVersions } {
  // Sites' users have to pass; what is in it has modes of its own.
  chmodSync(host.root, 0o711)
  const nodes = path.join(tmpdir(), 'hostler-test-nodes')
  mkdirSync(nodes, { recursive: true, mode: 0o755 })
  symlinkSync(nodes, path.join(host.root, 'node'))
  return { nodeVersions: testNodeVersions() }
}

export const testNodeVersions = (): NodeVersions =>
  new NodeVersions({
    panel: new LocalHost({ name: 'panel', root: cache }),
    folder: nodeCache,
    now: () => new Date(),
  })

export function newPlace(host: Host): SitePlace {
  const siteId = randomUUID()
  return { siteId, slug: 'shop', user: `hs-${randomBytes(6).toString('hex')}`, folder: `${host.root}/sites/${siteId}` }
}

/** A checked-out commit with these files. */
export function checkout(host: Host, files: Readonly<Record<string, string>>): string {
  const folder = `${host.root}/checkout-${randomUUID()}`
  for (const [file, content] of Object.entries(files)) {
    mkdirSync(path.dirname(`${folder}/${file}`), { recursive: true })
    writeFileSync(`${folder}/${file}`, content)
  }
  return folder
}

export const buildPlan = (place: SitePlace, source: string, change: Partial<BuildPlan> = {}): BuildPlan => ({
  place,
  release: 1,
  source,
  stack: 'node',
  rootFolder: '',
  nodeVersion: node22,
  buildCommand: null,
  startCommand: null,
  staticFolder: null,
  buildEnvironment: {},
  memoryMb: 512,
  cpus: 1,
  ...change,
})

export const instancePlan = async (
  build: BuildPlan,
  artifact: string,
  change: Partial<InstancePlan> = {},
): Promise<InstancePlan> => ({
  place: build.place,
  release: build.release,
  artifact,
  port: await freePort(),
  containerPort: null,
  stack: build.stack,
  rootFolder: build.rootFolder,
  startCommand: build.startCommand,
  staticFolder: build.staticFolder,
  nodeVersion: build.nodeVersion,
  memoryMb: build.memoryMb,
  cpus: build.cpus,
  ...change,
})

/** What the engine gives a step; the lines are kept. */
export function workIo(host: Host, change: Partial<WorkIo> = {}): WorkIo & { lines: string[] } {
  const lines: string[] = []
  return {
    signal: new AbortController().signal,
    onLine: (line) => lines.push(line),
    groupFile: `${host.root}/group-${randomUUID()}`,
    timeoutMs: 120_000,
    lines,
    ...change,
  }
}

/** Asks until the answer is yes; what it waits for is named when it does not come. */
export async function eventually<T>(
  what: string,
  ask: () => Promise<T | false | null | undefined>,
  withinMs = 12_000,
): Promise<T> {
  const until = Date.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer) return answer
    if (Date.now() > until) throw new Error(`Waited in vain: ${what}`)
    await new Promise((resolve) => setTimeout(resolve, 40))
  }
}

/** What a user runs. A zombie has ended; it waits only for its parent. */
export const processesOf = (user: string): string[] =>
  execFileSync('ps', ['-eo', 'user:32,stat,args'], { encoding: 'utf8' })
    .split('\n')
    .filter((line) => line.startsWith(user) && !/^\S+\s+Z/.test(line))

/** Whether a program with exactly this line of arguments runs, in a container or not. */
export const isRunning = (line: string): boolean =>
  execFileSync('ps', ['-eo', 'args'], { encoding: 'utf8' }).split('\n').includes(line)

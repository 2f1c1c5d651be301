import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemdFlags, systemdNetwork } from '../../bin/lib/test/systemd-image.js'
import { ProcessRuntime } from '../../server/deploys/runtimes/process/process-runtime.js'
import type { InstancePlan, SitePlace } from '../../server/deploys/runtimes/runtime.js'
import { openToAll } from '../../server/domains/edges/access.js'
import type { EdgeSite } from '../../server/domains/edges/edge.js'
import { generateKey } from '../../server/platform/ssh/keys.js'
import { putFiles } from '../../server/platform/ssh/put-files.js'
import { SshHost } from '../../server/platform/ssh/ssh-host.js'
import { docker } from './docker.js'
import * as sites from './sites.js'

/** A machine of its own with systemd as process 1, reached over SSH as root. Its address is reached from this machine. */
export interface SystemdServer {
  readonly host: SshHost
  readonly address: string
  /** What root sees there. */
  sh(line: string): string
  /** As `reboot`: every process ends as systemd ends it, and what was only in memory is gone. */
  reboot(): Promise<void>
  stop(): Promise<void>
}

export async function startSystemdServer(): Promise<SystemdServer> {
  const key = generateKey('test')
  const nodes = path.join(tmpdir(), 'hostler-test-nodes')
  mkdirSync(nodes, { recursive: true, mode: 0o755 })
  const flags = [...systemdFlags, `--env=PUBLIC_KEY=${key.publicLine}`, `--volume=${nodes}:/var/lib/hostler/node`]
  const address = ownAddress()
  const id = docker(
    'run',
    '-d',
    `--network=${systemdNetwork}`,
    `--ip=${address}`,
    ...flags,
    'hostler-test-systemd',
  ).trim()
  const host = new SshHost(
    { name: 'web-1', root: '/var/lib/hostler', address, port: 22, user: 'root', privateKey: key.privateKey },
    { onFirstKey: () => {} },
  )
  const sh = (line: string) => docker('exec', id, 'sh', '-c', line).trim()
  // A sign-in while the machine still starts is held up by what is not there yet.
  const isBooted = async () => /^(running|degraded)$/.test(sh('systemctl is-system-running 2>&1 || true'))
  const isUp = () => sites.eventually('the machine', async () => (await isListening(address, 22)) && isBooted(), 30_000)
  await isUp()
  sh('mkdir -p /var/lib/hostler/sites && chmod 711 /var/lib/hostler /var/lib/hostler/sites')
  return {
    host,
    address,
    sh,
    async reboot() {
      await host.close()
      docker('restart', '--time', '30', id)
      await isUp()
    },
    async stop() {
      await host.close()
      docker('rm', '--force', '--volumes', id)
    },
  }
}

/** Of those who run test files at the same time: else another machine takes the address of one that is just restarting. */
function ownAddress(): string {
  const subnet = docker('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Subnet}}', systemdNetwork).trim()
  return subnet.replace(/\.0\/\d+$/, `.${10 + (process.pid % 240)}`)
}

export const isListening = (host: string, port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, host, () => resolve(true)).once('error', () => resolve(false))
    socket.unref().setTimeout(1000, () => socket.destroy())
  })

/** A site there whose instances run this program. */
export interface SystemdSite {
  readonly runtime: ProcessRuntime
  readonly place: SitePlace
  /** Built, and its files written. */
  instance(change?: Partial<InstancePlan>): Promise<InstancePlan>
  /** The same, started. */
  started(change?: Partial<InstancePlan>): Promise<InstancePlan>
}

export function systemdSite({ host }: SystemdServer, program: string): SystemdSite {
  const runtime = new ProcessRuntime(sites.testNodeVersions())
  const place = sites.newPlace(host)
  let release = 0

  async function instance(change: Partial<InstancePlan> = {}): Promise<InstancePlan> {
    release++
    const source = `${host.root}/checkout-${randomUUID()}`
    await putFiles(host, source, [{ name: 'server.js', content: program, mode: 0o644 }], { timeoutMs: 30_000 })
    const plan = sites.buildPlan(place, source, { release, startCommand: 'node server.js' })
    const io = sites.workIo(host)
    await runtime.prepareBuild(host, plan, io)
    const made = await sites.instancePlan(plan, (await runtime.build(host, plan, io)).artifact, change)
    await runtime.writeEnvironment(host, made, {})
    return made
  }
  async function started(change: Partial<InstancePlan> = {}): Promise<InstancePlan> {
    const made = await instance(change)
    await runtime.start(host, made)
    return made
  }
  return { runtime, place, instance, started }
}

export const unitOf = (place: SitePlace, { release, port }: InstancePlan): string =>
  `hostler-${place.siteId}-${release}-${port}.service`

/** A site there without a release: its edge says so, with a page of its own. */
export const edgeSiteOn = (port: number): EdgeSite => ({
  siteId: 'site-1',
  folder: '/var/lib/hostler/sites/site-1',
  port,
  hostnames: [],
  access: openToAll,
})

/** Waits until its edge answers visitors. */
export const answers = ({ address }: SystemdServer, { port }: EdgeSite): Promise<true> =>
  sites.eventually(`an answer on port ${port}`, () =>
    fetch(`http://${address}:${port}/`, { signal: AbortSignal.timeout(1000) }).then(
      ({ status }) => status === 503,
      () => false as const,
    ),
  )

import { cmd } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import { RemoteCommandError } from '../../../platform/ssh/remote-command-error.js'
import type { NodeVersions } from '../../node-versions/node-versions.js'
import { runEnvironment } from '../environment.js'
import { followLogs } from '../follow.js'
import * as places from '../places.js'
import * as processCommands from '../process/commands.js'
import type * as r from '../runtime.js'
import * as commands from './commands.js'
import { buildRelease } from './docker-build.js'
import { environmentFiles } from './environment-files.js'
import { authoritiesOn, ensureNodeImage, ensureStaticImage, findClient, scriptsOn, timeoutMs } from './images.js'
import { observationOf, parseInspected, parseTimedLine } from './observation.js'
import { startScript, startText } from './scripts-inside.js'

const removingTimeoutMs = 5 * 60_000

/** Releases as images, instances as containers: confined, restarted and logged by Docker. */
export class DockerRuntime implements r.Runtime {
  readonly name = 'docker'
  readonly #nodeVersions: NodeVersions

  constructor(nodeVersions: NodeVersions) {
    this.#nodeVersions = nodeVersions
  }

  async prepareBuild(host: Host, plan: r.BuildPlan, io: r.WorkIo): Promise<void> {
    await findClient(host)
    const folders = ['builds', 'instances'].map((name) => `${plan.place.folder}/${name}`)
    await host.run(cmd('mkdir', '-p', '-m', '700', '--', plan.place.folder, ...folders), { timeoutMs })
    if (plan.nodeVersion === null || plan.stack === 'dockerfile') return
    const folder = await this.#nodeVersions.ensure(host, plan.nodeVersion)
    await ensureNodeImage(host, { version: plan.nodeVersion, folder }, io)
    if (plan.stack === 'static') await ensureStaticImage(host, plan.nodeVersion, io)
  }

  async build(host: Host, plan: r.BuildPlan, io: r.WorkIo): Promise<{ artifact: string }> {
    return { artifact: await buildRelease(host, plan, io) }
  }

  async writeEnvironment(host: Host, instance: r.InstancePlan, environment: r.Environment): Promise<void> {
    const folder = places.instanceFolder(instance)
    await host.run(cmd('mkdir', '-p', '-m', '700', '--', folder), { timeoutMs })
    const trusted =
      (await authoritiesFor(host, instance)) === null ? {} : { NODE_EXTRA_CA_CERTS: '/hostler/authorities' }
    // In a container, an address of its own is where the machine reaches it; 127.0.0.1 would be the container alone.
    const all = runEnvironment(environment, { HOST: '0.0.0.0', ...trusted }, instance.containerPort ?? instance.port)
    const files = environmentFiles(all)
    await host.upload(`${folder}/env.list`, files.list, 0o600)
    await host.upload(`${folder}/variables.sh`, files.exports, 0o600)
    await host.upload(`${folder}/variables`, files.names.map((name) => `${name}\n`).join(''), 0o600)
    const text = startText(instance)
    if (text !== null) await putCommand(host, folder, instance, text)
  }

  async release(host: Host, instance: r.InstancePlan, command: string, io: r.WorkIo): Promise<void> {
    const folder = places.releaseCommandFolder(instance)
    const name = commands.commandContainer(instance)
    try {
      await host.run(cmd('mkdir', '-p', '-m', '700', '--', folder), { timeoutMs })
      await putCommand(host, folder, instance, command)
      // What a lost run left would hold the name.
      await unlessGone(host.run(commands.removeContainer(name), { timeoutMs }))
      await host.run(commands.runOnce(await containerRun(host, instance, folder), name), io)
    } finally {
      // Ending the client does not end the container.
      await unlessGone(host.run(commands.removeContainer(name), { timeoutMs }))
      await host.run(cmd('rm', '-rf', '--', folder), { timeoutMs })
    }
  }

  async start(host: Host, instance: r.InstancePlan): Promise<void> {
    const name = places.instanceName(instance)
    const { state } = await this.#inspect(host, instance)
    if (state === 'running') return
    if (state !== 'missing') await unlessGone(host.run(commands.removeContainer(name), { timeoutMs }))
    const folder = startText(instance) === null ? null : places.instanceFolder(instance)
    await host.run(commands.createContainer(await containerRun(host, instance, folder)), { timeoutMs })
    await host.run(commands.startContainer(name), { timeoutMs })
  }

  async observe(host: Host, instance: r.InstancePlan): Promise<r.Observation> {
    const seen = await this.#inspect(host, instance)
    if (seen.state === 'missing') return { ...seen, lastLines: [] }
    const lastLines: string[] = []
    const onLine = (line: string) => lastLines.push(parseTimedLine(line).text)
    const logs = commands.containerLogs(places.instanceName(instance), { lines: 40, follow: false })
    await unlessGone(host.run(logs, { timeoutMs, onLine }))
    return { ...seen, lastLines }
  }

  async logs(host: Host, instance: places.InstanceId, options: r.LogsOptions): Promise<void> {
    await followLogs(host, commands.containerLogs(places.instanceName(instance), options), options, parseTimedLine)
  }

  async stop(host: Host, instance: places.InstanceId, { drainSeconds }: { drainSeconds: number }): Promise<void> {
    const command = commands.stopContainer(places.instanceName(instance), drainSeconds)
    await unlessGone(host.run(command, { timeoutMs: timeoutMs + drainSeconds * 1000 }))
  }

  async removeInstance(host: Host, instance: places.InstanceId, { drainSeconds } = { drainSeconds: 0 }): Promise<void> {
    if (drainSeconds > 0) await this.stop(host, instance, { drainSeconds })
    await unlessGone(
      host.run(commands.removeContainer(places.instanceName(instance)), { timeoutMs: removingTimeoutMs }),
    )
    await host.run(cmd('rm', '-rf', '--', places.instanceFolder(instance)), { timeoutMs })
  }

  async removeRelease(host: Host, release: Pick<r.BuildPlan, 'place' | 'release'>): Promise<void> {
    await unlessGone(host.run(commands.removeImage(commands.releaseImage(release)), { timeoutMs: removingTimeoutMs }))
    for (const folder of [places.buildFolder(release), places.releaseCommandFolder(release)]) {
      await host.run(cmd('rm', '-rf', '--', folder), { timeoutMs })
    }
  }

  async listLeftovers(host: Host, place: r.SitePlace): Promise<r.Leftovers> {
    const containers = await lines(host, commands.listContainers(place))
    const folders = await lines(host, processCommands.listFolder(`${place.folder}/instances`))
    const images = await lines(host, commands.listImages(place))
    const builds = await lines(host, processCommands.listFolder(`${place.folder}/builds`))
    const instances = new Map(
      [...containers, ...folders].flatMap((name) => {
        const instance = places.parseInstance(name)
        return instance ? [[`${instance.release}-${instance.port}`, instance] as const] : []
      }),
    )
    const releases = [
      ...images.map((image) => Number(image.split(':').at(-1))),
      ...builds.map((name) => Number.parseInt(name, 10)),
    ]
    return { instances: [...instances.values()], releases: [...new Set(releases.filter(Number.isInteger))] }
  }

  async removePlace(host: Host, place: r.SitePlace): Promise<void> {
    for (const name of await lines(host, commands.listContainers(place))) {
      await unlessGone(host.run(commands.removeContainer(name), { timeoutMs: removingTimeoutMs }))
    }
    for (const image of new Set(await lines(host, commands.listImageIds(place)))) {
      await unlessGone(host.run(commands.removeImage(image), { timeoutMs: removingTimeoutMs }))
    }
    await host.run(cmd('rm', '-rf', '--', place.folder), { timeoutMs: removingTimeoutMs })
  }

  async #inspect(host: Host, instance: r.InstancePlan): Promise<Omit<r.Observation, 'lastLines'>> {
    const name = places.instanceName(instance)
    const text = await unlessGone(host.capture(commands.inspectContainer(name), { timeoutMs }))
    if (text === null) return { state: 'missing', exitCode: null, reason: null, restarts: 0, startedAt: null }
    const inspected = parseInspected(text)
    const ends = await host.capture(commands.containerEnds(inspected.id), { timeoutMs })
    return observationOf(inspected, ends, instance.memoryMb)
  }
}

async function putCommand(host: Host, folder: string, instance: r.InstancePlan, command: string): Promise<void> {
  // The container's user, whoever that is, reads both; no other user of the machine can enter the folder.
  await host.upload(`${folder}/start`, startScript(instance), 0o644)
  await host.upload(`${folder}/command`, `${command}\n`, 0o644)
}

async function containerRun(
  host: Host,
  instance: r.InstancePlan,
  commandFolder: string | null,
): Promise<commands.ContainerRun> {
  const script = (await scriptsOn(host))('with-variables.sh')
  const variables = await lines(host, cmd('cat', '--', `${places.instanceFolder(instance)}/variables`))
  return { instance, script, variables, commandFolder, authorities: await authoritiesFor(host, instance) }
}

/** Only Node's images are ours to set up. */
const authoritiesFor = async (host: Host, { stack }: r.InstancePlan): Promise<string | null> =>
  stack === 'node' ? authoritiesOn(host) : null

const lines = async (host: Host, command: Parameters<Host['capture']>[0]): Promise<string[]> =>
  (await host.capture(command, { timeoutMs })).split('\n').filter(Boolean)

/** Null when the thing is not there (any more), which every removal wants and every question has to allow for. */
async function unlessGone<T>(work: Promise<T>): Promise<T | null> {
  try {
    return await work
  } catch (error) {
    const isGone = (line: string) =>
      /No such (?:container|image|object)|removal of container .* is already in progress/i.test(line)
    if (error instanceof RemoteCommandError && error.lastLines.some(isGone)) return null
    throw error
  }
}

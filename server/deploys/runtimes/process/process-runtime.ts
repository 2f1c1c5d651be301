import { UserError } from '../../../platform/errors.js'
import { all } from '../../../platform/shell/command.js'
import type { Host } from '../../../platform/ssh/host.js'
import { RemoteCommandError } from '../../../platform/ssh/remote-command-error.js'
import { scriptFolder } from '../../../platform/ssh/script-folder.js'
import { ensureScripts, type Scripts } from '../../../platform/ssh/scripts.js'
import { nodeFolder } from '../../node-versions/commands.js'
import type { NodeVersions } from '../../node-versions/node-versions.js'
import { parseFolder } from '../../stacks/root-folder.js'
import { ensureStaticServer } from '../../stacks/static-server.js'
import { buildEnvironment, runEnvironment } from '../environment.js'
import { followLogs } from '../follow.js'
import * as places from '../places.js'
import type * as r from '../runtime.js'
import { servedFolder, staticStartCommand } from '../static-start.js'
import * as commands from './commands.js'
import { putJob, timeoutMs, type Work } from './job.js'
import { parseLogLine, parseObservation } from './observation.js'
import type { Job } from './plan.js'

const scriptsFolder = scriptFolder(import.meta.url)
const removingTimeoutMs = 10 * 60_000

/** Release folders and supervised processes under the site's own system user: needs nothing but Node on the machine. */
export class ProcessRuntime implements r.Runtime {
  readonly name = 'process'
  readonly #nodeVersions: NodeVersions

  constructor(nodeVersions: NodeVersions) {
    this.#nodeVersions = nodeVersions
  }

  async prepareBuild(host: Host, plan: r.BuildPlan, io: r.WorkIo): Promise<void> {
    const scripts = await scriptsOn(host)
    if (plan.nodeVersion !== null) await this.#nodeVersions.ensure(host, plan.nodeVersion)
    const release = places.releaseFolder(plan.place, plan.release)
    const make = commands.makeSitePlace(scripts, plan.place, host.root)
    const take = commands.takeSource(scripts, { source: plan.source, release, user: plan.place.user })
    await host.run(all(make, take), io).catch((error) => {
      throw placeAdvice(error, host, plan.place)
    })
  }

  async build(host: Host, plan: r.BuildPlan, io: r.WorkIo): Promise<{ artifact: string }> {
    const artifact = places.releaseFolder(plan.place, plan.release)
    if (plan.buildCommand !== null) {
      const folder = places.buildFolder(plan)
      const name = `hostler-${plan.place.siteId}-${plan.release}-build`
      const environment = buildEnvironment(plan.buildEnvironment)
      await this.#work(host, folder, { job: job(host, plan, name), command: plan.buildCommand, environment }, io)
    }
    if (plan.stack === 'static') await assertServedFolder(host, plan)
    return { artifact }
  }

  async writeEnvironment(host: Host, instance: r.InstancePlan, environment: r.Environment): Promise<void> {
    const scripts = await scriptsOn(host)
    await putJob(host, scripts, places.instanceFolder(instance), {
      job: { ...job(host, instance, places.instanceName(instance)), ownSession: true },
      command: await startCommand(host, instance),
      environment: runEnvironment(environment, { HOST: '127.0.0.1' }, instance.port),
    })
  }

  async release(host: Host, instance: r.InstancePlan, command: string, io: r.WorkIo): Promise<void> {
    const name = `hostler-${instance.place.siteId}-${instance.release}-command`
    const environment = { file: `${places.instanceFolder(instance)}/env.sh` }
    await this.#work(
      host,
      places.releaseCommandFolder(instance),
      { job: job(host, instance, name), command, environment },
      io,
    )
  }

  async start(host: Host, instance: r.InstancePlan): Promise<void> {
    await host.run(commands.start(await scriptsOn(host), places.instanceFolder(instance)), { timeoutMs })
  }

  async observe(host: Host, instance: r.InstancePlan): Promise<r.Observation> {
    const command = commands.observe(await scriptsOn(host), places.instanceFolder(instance), 40)
    return parseObservation(await host.capture(command, { timeoutMs }), instance.memoryMb)
  }

  async logs(host: Host, instance: places.InstanceId, options: r.LogsOptions): Promise<void> {
    const command = commands.logs(await scriptsOn(host), places.instanceFolder(instance), options)
    await followLogs(host, command, options, parseLogLine)
  }

  async stop(host: Host, instance: places.InstanceId, { drainSeconds }: { drainSeconds: number }): Promise<void> {
    const command = commands.stop(await scriptsOn(host), places.instanceFolder(instance), drainSeconds)
    await host.run(command, { timeoutMs: timeoutMs + drainSeconds * 1000 })
  }

  async removeInstance(host: Host, instance: places.InstanceId, { drainSeconds } = { drainSeconds: 0 }): Promise<void> {
    const command = commands.remove(await scriptsOn(host), places.instanceFolder(instance), drainSeconds)
    await host.run(command, { timeoutMs: removingTimeoutMs })
  }

  async removeRelease(host: Host, release: Pick<r.BuildPlan, 'place' | 'release'>): Promise<void> {
    const scripts = await scriptsOn(host)
    const jobs = [places.buildFolder(release), places.releaseCommandFolder(release)]
    const folder = places.releaseFolder(release.place, release.release)
    const removals = [...jobs.map((job) => commands.remove(scripts, job)), commands.removeFolder(folder)]
    await host.run(all(...removals), { timeoutMs: removingTimeoutMs })
  }

  async listLeftovers(host: Host, place: r.SitePlace): Promise<r.Leftovers> {
    const folders = ['instances', 'releases', 'builds'].map((name) => `${place.folder}/${name}`)
    const found = (await host.capture(commands.listFolders(folders), { timeoutMs })).split('\n').filter(Boolean)
    const namesIn = (name: string) =>
      found.filter((path) => path.startsWith(`${place.folder}/${name}/`)).map((path) => path.split('/').at(-1) ?? '')
    const instances = namesIn('instances').flatMap((name) => places.parseInstance(name) ?? [])
    const built = [...namesIn('releases'), ...namesIn('builds')].map((name) => Number.parseInt(name, 10))
    return { instances, releases: [...new Set(built.filter(Number.isInteger))] }
  }

  async removePlace(host: Host, place: r.SitePlace): Promise<void> {
    const command = commands.removeSitePlace(await scriptsOn(host), place, host.root)
    await host.run(command, { timeoutMs: removingTimeoutMs })
  }

  /** Runs one command of the site to its end. Whatever it leaves behind, also its environment, is gone afterwards. */
  async #work(host: Host, folder: string, work: Work, io: r.WorkIo): Promise<void> {
    const scripts = await scriptsOn(host)
    try {
      await putJob(host, scripts, folder, work, io)
    } finally {
      await host.run(commands.remove(scripts, folder), { timeoutMs: removingTimeoutMs })
    }
  }
}

const scriptsOn = (host: Host): Promise<Scripts> => ensureScripts(host, scriptsFolder)

type Running = r.Limits & Pick<r.BuildPlan, 'place' | 'release' | 'rootFolder' | 'nodeVersion'>

const job = (host: Host, plan: Running, name: string): Job => ({
  place: plan.place,
  directory: places.within(appFolder(plan), parseFolder(plan.rootFolder)),
  nodeFolder: plan.nodeVersion === null ? null : nodeFolder(host.root, plan.nodeVersion),
  name,
  ownSession: false,
  memoryMb: plan.memoryMb,
  cpus: plan.cpus,
})

const appFolder = ({ place, release }: Pick<Running, 'place' | 'release'>): string =>
  `${places.releaseFolder(place, release)}/app`

async function startCommand(host: Host, instance: r.InstancePlan): Promise<string> {
  if (instance.startCommand !== null) return instance.startCommand
  if (instance.stack === 'static') {
    return staticStartCommand(await ensureStaticServer(host), servedFolder(appFolder(instance), instance))
  }
  throw new UserError(422, `${instance.place.slug} has no start command`, 'Enter one in the settings of the site.')
}

async function assertServedFolder(host: Host, plan: r.BuildPlan): Promise<void> {
  const folder = servedFolder(appFolder(plan), plan)
  if ((await host.status(commands.isFolder(folder), { timeoutMs })) === 0) return
  throw new UserError(
    422,
    `The build left no folder ${plan.staticFolder ?? ''} to serve`,
    'Check in the settings of the site which folder the build writes its pages to.',
  )
}

/** 77: the site's user cannot pass one of the folders above its own. */
function placeAdvice(error: unknown, host: Host, place: r.SitePlace): unknown {
  if (!(error instanceof RemoteCommandError) || error.exitCode !== 77) return error
  return new UserError(
    422,
    `The site's user ${place.user} cannot enter ${place.folder} on ${host.name}`,
    `Let every user pass the folders above it (chmod a+x), or give ${host.name} another folder.`,
    { cause: error },
  )
}

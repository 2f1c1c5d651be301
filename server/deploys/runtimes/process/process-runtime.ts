import { fileURLToPath } from 'node:url'
import { UserError } from '../../../platform/errors.js'
import type { Host } from '../../../platform/ssh/host.js'
import { RemoteCommandError } from '../../../platform/ssh/remote-command-error.js'
import { ensureScripts, type Scripts } from '../../../platform/ssh/scripts.js'
import type { NodeVersions } from '../../node-versions/node-versions.js'
import { parseFolder } from '../../stacks/root-folder.js'
import { buildEnvironment, runEnvironment } from '../environment.js'
import { followLogs } from '../follow.js'
import { capped } from '../output-cap.js'
import * as places from '../places.js'
import type * as r from '../runtime.js'
import { staticStartCommand } from '../static-start.js'
import * as commands from './commands.js'
import { putJob, timeoutMs } from './job.js'
import { parseLogLine, parseObservation } from './observation.js'
import type { Job } from './plan.js'

const scriptsFolder = fileURLToPath(new URL('./scripts/', import.meta.url))
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
    await host.run(commands.makeSitePlace(scripts, plan.place, host.root), { timeoutMs, signal: io.signal }).catch((error) => {
      throw placeAdvice(error, host, plan.place)
    })
    if (plan.nodeVersion !== null) await this.#nodeVersions.ensure(host, plan.nodeVersion)
    const release = places.releaseFolder(plan.place, plan.release)
    await host.run(commands.copySource(scripts, { source: plan.source, release, user: plan.place.user }), io)
  }

  async build(host: Host, plan: r.BuildPlan, io: r.WorkIo): Promise<{ artifact: string }> {
    const artifact = places.releaseFolder(plan.place, plan.release)
    if (plan.buildCommand !== null) {
      const folder = places.buildFolder(plan)
      const job = this.#job(host, plan, { artifact, name: `hostler-${plan.place.siteId}-${plan.release}-build` })
      await this.#work(host, folder, { job, command: plan.buildCommand, environment: buildEnvironment(plan.buildEnvironment) }, io)
    }
    if (plan.stack === 'static') await assertServedFolder(host, plan, artifact)
    return { artifact }
  }

  async writeEnvironment(host: Host, instance: r.InstancePlan, environment: r.Environment): Promise<void> {
    const scripts = await scriptsOn(host)
    const job = { ...this.#job(host, instance, { artifact: instance.artifact, name: places.instanceName(instance) }), ownSession: true }
    const command = await this.#startCommand(host, instance)
    const all = runEnvironment(environment, { HOST: '127.0.0.1' }, instance.port)
    await putJob(host, scripts, places.instanceFolder(instance), { job, command, environment: all })
  }

  async release(host: Host, instance: r.InstancePlan, command: string, io: r.ReleaseIo): Promise<void> {
    const job = this.#job(host, instance, {
      artifact: instance.artifact,
      name: `hostler-${instance.place.siteId}-${instance.release}-command`,
    })
    const environment = runEnvironment(io.environment, { HOST: '127.0.0.1' }, instance.port)
    await this.#work(host, places.releaseCommandFolder(instance), { job, command, environment }, io)
  }

  async start(host: Host, instance: r.InstancePlan): Promise<void> {
    await host.run(commands.start(await scriptsOn(host), places.instanceFolder(instance)), { timeoutMs })
  }

  async observe(host: Host, instance: r.InstancePlan): Promise<r.Observation> {
    const command = commands.observe(await scriptsOn(host), places.instanceFolder(instance), 40)
    return parseObservation(await host.capture(command, { timeoutMs }), instance.memoryMb)
  }

  async logs(host: Host, instance: r.InstancePlan, options: r.LogsOptions): Promise<void> {
    const command = commands.logs(await scriptsOn(host), places.instanceFolder(instance), options)
    await followLogs(host, command, options, parseLogLine)
  }

  async stop(host: Host, instance: r.InstancePlan, { drainSeconds }: { drainSeconds: number }): Promise<void> {
    const command = commands.stop(await scriptsOn(host), places.instanceFolder(instance), drainSeconds)
    await host.run(command, { timeoutMs: timeoutMs + drainSeconds * 1000 })
  }

  async removeInstance(host: Host, instance: places.InstanceId): Promise<void> {
    const command = commands.remove(await scriptsOn(host), places.instanceFolder(instance))
    await host.run(command, { timeoutMs: removingTimeoutMs })
  }

  async removeRelease(host: Host, release: Pick<r.BuildPlan, 'place' | 'release'>): Promise<void> {
    const scripts = await scriptsOn(host)
    for (const folder of [places.buildFolder(release), places.releaseCommandFolder(release)]) {
      await host.run(commands.remove(scripts, folder), { timeoutMs: removingTimeoutMs })
    }
    const folder = places.releaseFolder(release.place, release.release)
    await host.run(commands.removeFolder(folder), { timeoutMs: removingTimeoutMs })
  }

  async listLeftovers(host: Host, place: r.SitePlace): Promise<r.Leftovers> {
    const names = async (folder: string) =>
      (await host.capture(commands.listFolder(`${place.folder}/${folder}`), { timeoutMs })).split('\n').filter(Boolean)
    const instances = (await names('instances')).flatMap((name) => places.parseInstance(name) ?? [])
    const built = [...(await names('releases')), ...(await names('builds'))].map((name) => Number.parseInt(name, 10))
    return { instances, releases: [...new Set(built.filter(Number.isInteger))] }
  }

  async removePlace(host: Host, place: r.SitePlace): Promise<void> {
    const command = commands.removeSitePlace(await scriptsOn(host), place, host.root)
    await host.run(command, { timeoutMs: removingTimeoutMs })
  }
}

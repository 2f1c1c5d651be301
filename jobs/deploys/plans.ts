import { groupFile, sourceFolder } from '../../server/deploys/places.js'
import { beginDeploy, maybeInstance } from '../../server/deploys/queries.js'
import { environmentFor, openRelease, type Release } from '../../server/deploys/releases.js'
import type { BuildPlan, InstancePlan, Runtime, SitePlace, WorkIo } from '../../server/deploys/runtimes/runtime.js'
import type { InstancesRow } from '../../server/platform/db/tables.js'
import { append } from '../../server/platform/events/append.js'
import type { DeployStep } from './context.js'

/** From rows to what a runtime is told. Everything comes out of the release, never out of the site's settings of today. */

/** The release that this deploy puts live. Its secrets are hidden from the log from here on. */
export async function releaseOf(step: DeployStep): Promise<Release> {
  const { releaseId } = step.output('Fetch the source')
  return hidden(step, await step.transaction((tx) => openRelease(tx, releaseId)))
}

/** The same with the instance that was made for it. */
export async function releaseAndInstance(step: DeployStep): Promise<{ release: Release; instance: InstancesRow }> {
  const { releaseId } = step.output('Fetch the source')
  const { instanceId } = step.output('Write the environment')
  const { release, instance } = await step.transaction(async (tx) => ({
    release: await openRelease(tx, releaseId),
    instance: await maybeInstance(tx, instanceId),
  }))
  if (!instance) throw new Error('The instance is gone')
  return { release: hidden(step, release), instance }
}

function hidden(step: DeployStep, release: Release): Release {
  for (const variable of release.environment) if (variable.isSecret) step.log.hide(variable.value)
  return release
}

export const runtimeOf = (step: DeployStep, release: Release): Runtime =>
  step.context.parts.runtimes[release.settings.runtime]

export const limitsOf = ({ settings }: Release) => ({ memoryMb: settings.memory_mb, cpus: Number(settings.cpus) })

export function buildPlan(step: DeployStep, release: Release): BuildPlan {
  const { place } = step.context
  const { settings, row } = release
  return {
    ...limitsOf(release),
    place,
    release: row.number,
    source: sourceFolder(place, row.number),
    stack: settings.stack,
    rootFolder: settings.root_folder,
    nodeVersion: row.node_version,
    buildCommand: settings.build_command,
    startCommand: settings.start_command,
    staticFolder: settings.static_folder,
    buildEnvironment: environmentFor(release, 'build'),
  }
}

export function instancePlan(place: SitePlace, release: Release, instance: Pick<InstancesRow, 'port'>): InstancePlan {
  const { settings, row } = release
  if (row.artifact === null) throw new Error(`Release ${row.number} was not built`)
  return {
    ...limitsOf(release),
    place,
    release: row.number,
    artifact: row.artifact,
    port: instance.port,
    containerPort: null,
    stack: settings.stack,
    rootFolder: settings.root_folder,
    startCommand: settings.start_command,
    staticFolder: settings.static_folder,
    nodeVersion: row.node_version,
  }
}

export const workIo = (step: DeployStep, name: string, timeoutMs: number): WorkIo => ({
  signal: step.signal,
  onLine: step.log.line,
  groupFile: groupFile(step.context.place, name),
  timeoutMs,
})

/**
 * Remembers the release on the deploy, so that undoing finds it also when the step did not get to its end. From here on
 * it is known which commit the deploy is about, and the log tells it once.
 */
export const rememberRelease = (step: DeployStep, releaseId: string, commit: string): Promise<void> =>
  step.transaction(async (tx) => {
    const { deploy, site } = step.context
    if (!(await beginDeploy(tx, deploy.id, { release_id: releaseId, commit_sha: commit }))) return
    await append(tx, {
      type: 'deploy.began',
      subject: { kind: 'site', id: site.id, name: site.name },
      data: { deploy: deploy.number, commit },
    })
  })

import { instancesOf, maybeInstance, updateInstance } from '../../server/deploys/queries.js'
import type { InstancesRow } from '../../server/platform/db/tables.js'
import type { DeployStep } from './context.js'

export type KnownInstance = Awaited<ReturnType<typeof instancesOf>>[number]

/** The instance of this deploy. */
export async function instanceOf(step: DeployStep): Promise<InstancesRow> {
  const { instanceId } = step.output('Write the environment')
  const instance = await step.transaction((tx) => maybeInstance(tx, instanceId))
  if (!instance) throw new Error('The instance is gone')
  return instance
}

/** Stops the instances that no longer get visitors, and gives their ports back. */
export async function retireDraining(step: DeployStep): Promise<void> {
  const instances = await step.transaction((tx) => instancesOf(tx, step.context.site.id))
  for (const instance of instances.filter(({ state }) => state === 'draining')) {
    await removeInstance(step, instance)
    step.log.note(`The instance of release ${instance.release_number} was stopped`)
  }
}

/** TERM first: it may still be answering somebody. */
export async function removeInstance(step: DeployStep, instance: KnownInstance): Promise<void> {
  const { host, place, parts } = step.context
  const runtime = parts.runtimes[instance.runtime]
  const id = { place, release: instance.release_number, port: instance.port }
  await runtime.removeInstance(host, id, { drainSeconds: 10 })
  await step.transaction((tx) => updateInstance(tx, instance.id, { state: 'retired', retired_at: tx.ctx.now() }))
}

import { randomInt } from 'node:crypto'
import { insertInstance, instancesOf, usedPorts } from '../../../server/deploys/queries.js'
import { environmentFor, type Release } from '../../../server/deploys/releases.js'
import { isListening } from '../../../server/deploys/runtimes/listening.js'
import { UserError } from '../../../server/platform/errors.js'
import { newId } from '../../../server/platform/ids.js'
import type { DeployStep } from '../context.js'
import { removeInstance } from '../instances.js'
import { instancePlan, releaseOf, runtimeOf } from '../plans.js'

/** Of these, each server gives one to each instance; the edge is the only one who talks to them. */
const firstPort = 20_000
const lastPort = 29_999

/** Gives the new instance its row, its port and its environment, in files that only it can read. */
export async function writeEnvironment(step: DeployStep): Promise<{ instanceId: string }> {
  const release = await releaseOf(step)
  const instance = (await ownInstance(step, release)) ?? (await createInstance(step, release))
  await runtimeOf(step, release).writeEnvironment(
    step.context.host,
    instancePlan(step.context.place, release, instance),
    environmentFor(release, 'run'),
  )
  step.log.note(`${Object.keys(environmentFor(release, 'run')).length} variables, and PORT=${instance.port}`)
  return { instanceId: instance.id }
}

/** The undo of all that concerns the instance: stopped, its files removed, its port given back. */
export async function discardInstance(step: DeployStep): Promise<void> {
  const instances = await step.transaction((tx) => instancesOf(tx, step.context.site.id))
  for (const instance of instances.filter(({ state }) => state === 'starting')) await removeInstance(step, instance)
}

const ownInstance = async (step: DeployStep, release: Release) =>
  (await step.transaction((tx) => instancesOf(tx, step.context.site.id))).find(
    (instance) => instance.release_id === release.row.id && instance.state === 'starting',
  )

async function createInstance(step: DeployStep, release: Release): Promise<{ id: string; port: number }> {
  const { site, server } = step.context
  const port = await freePort(step)
  const id = newId()
  await step.transaction((tx) =>
    insertInstance(tx, {
      id,
      port,
      team_id: site.team_id,
      site_id: site.id,
      server_id: server.id,
      release_id: release.row.id,
      state: 'starting',
      created_at: step.ctx.now(),
    }),
  )
  return { id, port }
}

/**
 * Not given to another instance, and not taken by a program we know nothing of. A unique index settles a race; where two
 * panels share a machine, looking from somewhere in the middle keeps them apart.
 */
async function freePort(run: DeployStep): Promise<number> {
  const { host, server } = run.context
  const taken = await run.transaction((tx) => usedPorts(tx, server.id))
  const count = lastPort - firstPort + 1
  const start = randomInt(count)
  for (let step = 0; step < count; step++) {
    const port = firstPort + ((start + step) % count)
    if (!taken.has(port) && !(await isListening(host, port))) return port
  }
  throw new UserError(
    409,
    `All ports from ${firstPort} to ${lastPort} of ${host.name} are taken`,
    'Move some sites to another server.',
  )
}

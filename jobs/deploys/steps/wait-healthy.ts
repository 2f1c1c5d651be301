import { setTimeout as wait } from 'node:timers/promises'
import { probe } from '../../../server/deploys/runtimes/probe.js'
import type { Observation } from '../../../server/deploys/runtimes/runtime.js'
import { UserError } from '../../../server/platform/errors.js'
import type { DeployStep } from '../context.js'
import { instancePlan, releaseAndInstance, runtimeOf } from '../plans.js'
import { endOf, showLines } from '../verdict.js'

/** Many are up within a moment and are asked again soon; who needs longer is asked less often, in the end once a second. */
const pauseMs = (sinceMs: number): number => Math.min(1000, Math.max(50, sinceMs / 10))

/** To ask its port costs little, to look after the instance is a command. */
const lookEveryMs = 500

/** Asks the new instance itself, from its own machine, until it answers well; one that ends before that has failed. */
export async function waitHealthy(step: DeployStep): Promise<void> {
  const { host, place, site } = step.context
  const { release, instance } = await releaseAndInstance(step)
  const plan = instancePlan(place, release, instance)
  const runtime = runtimeOf(step, release)
  const begun = Date.now()
  const deadline = begun + site.health_deadline_seconds * 1000
  let lookedAt = begun
  let last = 'It did not answer'

  while (Date.now() < deadline) {
    const answer = await probe(host, plan.port, release.settings.health_path, { timeoutMs: 5000, signal: step.signal })
    last = answer.reason
    if (answer.isHealthy || Date.now() - lookedAt >= lookEveryMs) {
      lookedAt = Date.now()
      const seen = await runtime.observe(host, plan)
      // Another program may hold the port and answer; then the instance itself has ended.
      if (endOf(seen)) throw endedEarly(step, seen)
      if (answer.isHealthy) return step.log.note(`${answer.reason} at ${release.settings.health_path}`)
    }
    await wait(pauseMs(Date.now() - begun), undefined, { signal: step.signal })
  }
  showLines(step, await runtime.observe(host, plan))
  throw new UserError(
    409,
    `The new release did not become healthy within ${site.health_deadline_seconds} s. ${last}`,
    'It must listen on the port that PORT names and answer that path with a status below 400. The old release keeps serving.',
  )
}

function endedEarly(step: DeployStep, seen: Observation): UserError {
  showLines(step, seen)
  return new UserError(
    409,
    `The new release ended before it answered: ${endOf(seen)}`,
    'Its last lines are in the log. The old release keeps serving.',
  )
}

import { setTimeout as wait } from 'node:timers/promises'
import { probe } from '../../../server/deploys/runtimes/probe.js'
import { UserError } from '../../../server/platform/errors.js'
import type { DeployStep } from '../context.js'
import { instanceOf } from '../instances.js'
import { instancePlan, releaseOf, runtimeOf } from '../plans.js'
import { endOf, showLines } from '../verdict.js'

/** Many are up within a moment, and are asked again soon; after a second, once a second. */
const firstPollsMs = [50, 100, 150, 200, 250, 250]
const pollMs = 1000

/** Asks the new instance itself, from its own machine, until it answers well; one that ends before that has failed. */
export async function waitHealthy(step: DeployStep): Promise<void> {
  const { host, place, site } = step.context
  const release = await releaseOf(step)
  const plan = instancePlan(place, release, await instanceOf(step))
  const runtime = runtimeOf(step, release)
  const deadline = Date.now() + site.health_deadline_seconds * 1000
  let last = 'It did not answer'

  for (let asked = 0; Date.now() < deadline; asked++) {
    const answer = await probe(host, plan.port, release.settings.health_path, { timeoutMs: 5000, signal: step.signal })
    const seen = await runtime.observe(host, plan)
    // Another program may hold the port and answer; then the instance itself has ended.
    if (answer.isHealthy && !endOf(seen)) return step.log.note(`${answer.reason} at ${release.settings.health_path}`)
    last = answer.reason
    if (endOf(seen)) {
      showLines(step, seen)
      throw new UserError(
        409,
        `The new release ended before it answered: ${endOf(seen)}`,
        'Its last lines are in the log. The old release keeps serving.',
      )
    }
    await wait(firstPollsMs[asked] ?? pollMs, undefined, { signal: step.signal })
  }
  showLines(step, await runtime.observe(host, plan))
  throw new UserError(
    409,
    `The new release did not become healthy within ${site.health_deadline_seconds} s. ${last}`,
    'It must listen on the port that PORT names and answer that path with a status below 400. The old release keeps serving.',
  )
}

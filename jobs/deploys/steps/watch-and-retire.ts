import { setTimeout as wait } from 'node:timers/promises'
import type { Release } from '../../../server/deploys/releases.js'
import { probe } from '../../../server/deploys/runtimes/probe.js'
import type { DeployStep } from '../context.js'
import { goBack } from '../go-back.js'
import { instanceOf, retireDraining } from '../instances.js'
import { instancePlan, releaseOf, runtimeOf } from '../plans.js'
import { prune } from '../prune.js'
import { endOf } from '../verdict.js'

const pollMs = 1000
/** How often in a row it may refuse at the end of the watch. */
const lastAnswers = 3

/** Only a release that stayed up under visitors is live. One that did not is taken back at once, while the old one still runs. */
export async function watchAndRetire(step: DeployStep): Promise<void> {
  const release = await releaseOf(step)
  // A run that was lost while going back had already decided.
  const fault = step.context.deploy.rolled_back_at ? 'it ended while it was watched' : await watch(step, release)
  if (fault) await goBack(step, release, fault)

  await drain(step)
  await retireDraining(step)
  await prune(step)
}

/** What went wrong in the watch, in words; null when nothing did. */
async function watch(step: DeployStep, release: Release): Promise<string | null> {
  const { host, place, site } = step.context
  const plan = instancePlan(place, release, await instanceOf(step))
  const until = Date.parse(step.output('Switch traffic').switchedAt) + site.watch_seconds * 1000

  for (let refusals = 0; ; ) {
    const end = endOf(await runtimeOf(step, release).observe(host, plan))
    if (end) return end
    if (Date.now() >= until) {
      const answer = await probe(host, plan.port, release.settings.health_path, {
        timeoutMs: 5000,
        signal: step.signal,
      })
      if (answer.isHealthy) return null
      // Not on the first refusal: one that is just ending shall be seen to end, and tell why.
      if (++refusals === lastAnswers) return `it no longer answers well (${answer.reason})`
    }
    await wait(pollMs, undefined, { signal: step.signal })
  }
}

/** Requests that began on the old instance may end there. */
async function drain(step: DeployStep): Promise<void> {
  const until = Date.parse(step.output('Switch traffic').switchedAt) + step.context.site.drain_seconds * 1000
  const left = until - Date.now()
  if (left > 0 && step.context.deploy.replaced_release_id) await wait(left, undefined, { signal: step.signal })
}

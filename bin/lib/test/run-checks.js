import { checks } from './checks.js'
import { red, say, timed } from './screen.js'

/**
 * All at once, because most of them keep one core busy, and told in their order.
 * @param {import('./totals.js').Totals} totals
 * @param {AbortSignal} signal
 */
export async function runChecks(totals, signal) {
  let told = Promise.resolve()
  for (const { name, run, missing } of checks) {
    const why = missing?.() ?? null
    if (why) totals.skip(why)
    else told = Promise.all([timed(() => run(signal)), told]).then(([end]) => tell(name, end))
  }
  await told

  /** @param {string} name @param {{ result: { ok: boolean, output: string }, ms: number }} end */
  function tell(name, { result: { ok, output }, ms }) {
    if (signal.aborted) return
    say(name, ok ? 'passed' : red('failed'), ms)
    if (ok) totals.passed++
    else totals.fail(`${name} (see above)`)
    if (!ok) console.log(output)
  }
}

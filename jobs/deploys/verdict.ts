import type { Observation } from '../../server/deploys/runtimes/runtime.js'
import type { DeployStep } from './context.js'

/** How an instance ended, in words; null while it runs. One that was or will be started again has ended, too. */
export function endOf(seen: Observation): string | null {
  if (seen.state === 'missing') return 'it is no longer there'
  const isStartedAgain = seen.restarts > 0 || (seen.state === 'starting' && seen.exitCode !== null)
  if (seen.state !== 'exited' && !isStartedAgain) return null
  if (seen.reason) return seen.reason
  return seen.exitCode === null ? 'it ended' : `it exited with code ${seen.exitCode}`
}

/** The instance's own last words, where people look first. */
export function showLines(step: DeployStep, seen: Observation): void {
  if (seen.lastLines.length === 0) step.log.note('It printed nothing')
  else step.log.note('Its last lines:')
  for (const line of seen.lastLines) step.log.line(line)
}

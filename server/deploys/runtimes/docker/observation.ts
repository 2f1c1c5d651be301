import { z } from 'zod'
import { endReason } from '../end-reason.js'
import type { Observation } from '../runtime.js'

const Inspected = z.object({
  restarts: z.number(),
  state: z.object({
    Status: z.string(),
    OOMKilled: z.boolean(),
    ExitCode: z.number(),
    StartedAt: z.string(),
    FinishedAt: z.string(),
    Error: z.string().default(''),
  }),
})

export function parseInspection(text: string, memoryMb: number): Omit<Observation, 'lastLines'> {
  const { restarts, state } = Inspected.parse(JSON.parse(text))
  // Docker writes year 1 for "never".
  const hasEnded = Date.parse(state.FinishedAt) > 0
  const exitCode = hasEnded ? state.ExitCode : null
  const isOutOfMemory = state.OOMKilled
  return {
    state: stateOf(state.Status),
    // A container that runs again says 0 here, whatever its last run ended with.
    exitCode: state.Status === 'running' && exitCode === 0 ? null : exitCode,
    reason:
      state.Error ||
      endReason(state.Status === 'running' && !isOutOfMemory ? null : exitCode, { isOutOfMemory, memoryMb }),
    restarts,
    startedAt: Date.parse(state.StartedAt) > 0 ? new Date(state.StartedAt) : null,
  }
}

function stateOf(status: string): Observation['state'] {
  if (status === 'running' || status === 'paused') return 'running'
  return status === 'created' || status === 'restarting' ? 'starting' : 'exited'
}

/** "2026-11-21T08:35:25.123456789Z text" */
export function parseTimedLine(line: string): { at: Date | null; text: string } {
  const [, at, text] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\d*Z ?(.*)$/s.exec(line) ?? []
  return at ? { at: new Date(`${at}Z`), text: text ?? '' } : { at: null, text: line }
}

import { z } from 'zod'
import { endReason } from '../end-reason.js'
import type { Observation } from '../runtime.js'

const Inspected = z.object({
  id: z.string(),
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

export type Inspected = z.infer<typeof Inspected>

/** What `inspectContainer` printed. */
export const parseInspected = (text: string): Inspected => Inspected.parse(JSON.parse(text))

/** `ends` is what `containerEnds` printed. */
export function observationOf(
  { restarts, state }: Inspected,
  ends: string,
  memoryMb: number,
): Omit<Observation, 'lastLines'> {
  const last = lastEnd(ends) ?? { exitCode: hasEnded(state) ? state.ExitCode : null, isOutOfMemory: state.OOMKilled }
  return {
    state: stateOf(state.Status),
    exitCode: last.exitCode,
    // Docker's own words when it could not even start it ("port is already allocated").
    reason: state.Error || endReason(last.exitCode, { isOutOfMemory: last.isOutOfMemory, memoryMb }),
    restarts,
    startedAt: Date.parse(state.StartedAt) > 0 ? new Date(state.StartedAt) : null,
  }
}

/** Docker writes the year 1 for "never". */
const hasEnded = (state: { FinishedAt: string; Status: string }): boolean =>
  Date.parse(state.FinishedAt) > 0 && state.Status !== 'running'

/** Docker may tell of the memory a moment after the end that it caused: it belongs to the end that is nearest in time. */
function lastEnd(ends: string): { exitCode: number; isOutOfMemory: boolean } | null {
  const events = ends.split('\n').filter(Boolean).map(parseEnd)
  const deaths = events.filter(({ action }) => action === 'die')
  const last = deaths.at(-1)
  if (!last) return null
  const isOutOfMemory = events.some(({ action, at }) => action === 'oom' && nearestTo(at, deaths) === last)
  return { exitCode: last.exitCode, isOutOfMemory }
}

function parseEnd(line: string) {
  const [action, at, exitCode] = line.split(' ')
  return { action, at: BigInt(at ?? ''), exitCode: Number(exitCode) }
}

const nearestTo = <Event extends { at: bigint }>(at: bigint, events: readonly Event[]): Event | undefined =>
  events.toSorted((one, other) => (distance(one.at, at) < distance(other.at, at) ? -1 : 1))[0]

const distance = (one: bigint, other: bigint): bigint => (one < other ? other - one : one - other)

function stateOf(status: string): Observation['state'] {
  if (status === 'running' || status === 'paused') return 'running'
  return status === 'created' || status === 'restarting' ? 'starting' : 'exited'
}

/** "2026-11-21T08:35:25.123456789Z text" */
export function parseTimedLine(line: string): { at: Date | null; text: string } {
  const [, at, text] = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3})\d*Z ?(.*)$/s.exec(line) ?? []
  return at ? { at: new Date(`${at}Z`), text: text ?? '' } : { at: null, text: line }
}

import { constants } from 'node:os'
import { endReason } from '../end-reason.js'
import type { Observation } from '../runtime.js'

/** What `supervisor.sh observe` prints: `key=value` lines, "--", then the instance's own last lines. */
export function parseObservation(text: string, memoryMb: number): Observation {
  const [head = '', ...tail] = text.split(/^--$/m)
  const facts = new Map(
    head.split('\n').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  const ofSystemd = facts.has('ActiveState')
  const { state, exitCode, restarts, startedAt, isOutOfMemory } = ofSystemd ? systemdFacts(facts) : ownFacts(facts)
  const lastLines = tail
    .join('--')
    .split('\n')
    .filter((line) => line !== '')
    .map(withoutTime)
  return { state, exitCode, reason: endReason(exitCode, { isOutOfMemory, memoryMb }), restarts, startedAt, lastLines }
}

type Facts = ReadonlyMap<string, string>

interface Seen extends Pick<Observation, 'state' | 'exitCode' | 'restarts' | 'startedAt'> {
  readonly isOutOfMemory: boolean
}

function ownFacts(facts: Facts): Seen {
  const state = facts.get('state')
  return {
    state: state === 'running' || state === 'starting' || state === 'missing' ? state : 'exited',
    exitCode: numberOf(facts.get('exit')),
    restarts: numberOf(facts.get('restarts')) ?? 0,
    startedAt: dateOf((numberOf(facts.get('started')) ?? 0) * 1000),
    isOutOfMemory: facts.get('reason') === 'memory',
  }
}

function systemdFacts(facts: Facts): Seen {
  const active = facts.get('ActiveState')
  const [result, how, status] = (facts.get('Ended') ?? '').split(' ')
  return {
    state: active === 'active' ? 'running' : active === 'activating' ? 'starting' : 'exited',
    exitCode: how === 'exited' ? numberOf(status) : exitCodeOf(status),
    restarts: numberOf(facts.get('NRestarts')) ?? 0,
    startedAt: dateOf(Date.parse((facts.get('ExecMainStartTimestamp') ?? '').replace(/^\w{3} /, ''))),
    isOutOfMemory: result === 'oom-kill',
  }
}

/** Of a signal, which systemd names without its "SIG". */
const exitCodeOf = (signal: string | undefined): number | null => {
  const number = new Map(Object.entries(constants.signals)).get(`SIG${signal}`)
  return number === undefined ? null : 128 + number
}

const numberOf = (text: string | undefined): number | null => (text && /^\d{1,15}$/.test(text) ? Number(text) : null)

const dateOf = (ms: number): Date | null => (ms > 0 ? new Date(ms) : null)

/** "2026-11-21_08:35:25.12345 text" (svlogd) and "2026-11-21T08:35:25.123456+0000 name[1]: text" (journalctl). */
const timed = /^(\d{4}-\d\d-\d\d)[_T](\d\d:\d\d:\d\d\.\d{3})\d*(?:([+-]\d\d):?(\d\d) \S+:)? ?(.*)$/

export function parseLogLine(line: string): { at: Date | null; text: string } {
  const [, day, time, hours, minutes, text] = timed.exec(line) ?? []
  if (!day || !time) return { at: null, text: line }
  return { at: new Date(`${day}T${time}${hours ? `${hours}:${minutes}` : 'Z'}`), text: text ?? '' }
}

const withoutTime = (line: string): string => parseLogLine(line).text

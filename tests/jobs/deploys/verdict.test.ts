import { describe, expect, test } from 'vitest'
import { endOf } from '../../../jobs/deploys/verdict.js'
import type { Observation } from '../../../server/deploys/runtimes/runtime.js'

const seen = (change: Partial<Observation>): Observation => ({
  state: 'running',
  exitCode: null,
  reason: null,
  restarts: 0,
  startedAt: null,
  lastLines: [],
  ...change,
})

describe('whether an instance has ended', () => {
  test.each([
    [seen({}), null],
    [seen({ state: 'starting' }), null],
    [seen({ state: 'missing' }), 'it is no longer there'],
    [seen({ state: 'exited', exitCode: 3 }), 'it exited with code 3'],
    [seen({ state: 'exited' }), 'it ended'],
    [seen({ restarts: 1, exitCode: 9, reason: 'It ended with exit code 9.' }), 'It ended with exit code 9.'],
    // Ended, and not yet started again.
    [seen({ state: 'starting', exitCode: 9, reason: 'It ended with exit code 9.' }), 'It ended with exit code 9.'],
  ])('%j: %j', (observation, end) => {
    expect(endOf(observation)).toBe(end)
  })
})

import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { pace } from '../../../server/platform/queue/bell.js'

let rings: number
beforeEach(() => {
  rings = 0
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

describe('a bell', () => {
  it('rings soon, and once more a second later for all that came meanwhile', () => {
    const ring = pace(() => void rings++)

    ring()
    ring()
    expect(rings).toBe(0)
    vi.advanceTimersByTime(20)
    expect(rings).toBe(1)
    vi.advanceTimersByTime(1000)
    expect(rings).toBe(2)
    vi.advanceTimersByTime(10_000)
    expect(rings).toBe(2)
  })

  it('waits while more is being made, and then rings at once', () => {
    let isBusy = true
    const ring = pace(
      () => void rings++,
      () => isBusy,
    )

    ring()
    vi.advanceTimersByTime(500)
    expect(rings).toBe(0)
    isBusy = false
    vi.advanceTimersByTime(20)
    expect(rings).toBe(1)
    vi.advanceTimersByTime(10_000)
    expect(rings).toBe(2)
  })

  it('rings every second where more never ends', () => {
    const ring = pace(
      () => void rings++,
      () => true,
    )

    for (let number = 0; number < 30; number++) {
      ring()
      vi.advanceTimersByTime(100)
    }

    expect(rings).toBeGreaterThanOrEqual(2)
  })
})

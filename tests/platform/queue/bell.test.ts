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

const bell = () => pace(() => void rings++)

describe('a bell', () => {
  it('rings at once, and once more a second later for all that came meanwhile', () => {
    const ring = bell()

    ring()
    ring()
    ring()
    expect(rings).toBe(1)
    vi.advanceTimersByTime(1000)
    expect(rings).toBe(2)
    vi.advanceTimersByTime(10_000)
    expect(rings).toBe(2)
  })

  it('waits for the last where more is known to come, and rings again a second after the first', () => {
    const ring = bell()

    ring(true)
    ring(true)
    expect(rings).toBe(0)
    ring(false)
    expect(rings).toBe(1)
    vi.advanceTimersByTime(1000)
    expect(rings).toBe(2)
  })

  it('rings after a second where more never ends', () => {
    const ring = bell()

    for (let number = 0; number < 30; number++) {
      ring(true)
      vi.advanceTimersByTime(100)
    }

    expect(rings).toBeGreaterThanOrEqual(2)
  })
})

/** A clock that only goes when it is told to. */
export interface TestClock {
  now(): Date
  advance(ms: number): void
}

export function testClock(start = new Date('2026-05-04T12:00:00Z')): TestClock {
  let at = start.getTime()
  return {
    now: () => new Date(at),
    advance: (ms) => {
      at += ms
    },
  }
}

export const minutes = (count: number): number => count * 60_000
export const days = (count: number): number => count * 24 * 60 * 60_000

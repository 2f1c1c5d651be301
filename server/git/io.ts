import type { RunOptions } from '../platform/ssh/host.js'

/** How the caller follows and ends work on a host. */
export interface GitIo {
  readonly signal?: AbortSignal
  /** What Git tells a person, and our own remarks. */
  readonly onLine?: NonNullable<RunOptions['onLine']>
  readonly timeoutMs?: number
}

export const limits = { readMs: 30_000, probeMs: 30_000, fetchMs: 15 * 60_000, checkOutMs: 10 * 60_000 } as const

/** For commands whose output is an answer to us. */
export const quietly = (io: GitIo, timeoutMs: number): RunOptions => ({
  timeoutMs: io.timeoutMs ?? timeoutMs,
  ...(io.signal && { signal: io.signal }),
})

/** For commands whose output is for people. */
export const aloud = (io: GitIo, timeoutMs: number): RunOptions => ({
  ...quietly(io, timeoutMs),
  ...(io.onLine && { onLine: io.onLine }),
})

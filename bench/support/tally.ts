import type { IncomingMessage } from 'node:http'

export interface LoadResult {
  sent: number
  /** Due by the clock, but too many were under way. */
  skipped: number
  answered: number
  /** No answer, a torn one or another status than 200. */
  failed: number
  /** An answer of another site, of two releases at once, or to another question. */
  mixed: number
  failures: Record<string, number>
  /** When, by `performance.now()`. */
  failedAt: number[]
  /** The first few, for whoever must find out why. */
  mixedSamples: string[]
  releases: Record<string, number>
  perSecond: number
  p50Ms: number
  p99Ms: number
  maxMs: number
}

/** Why requests were not answered as they should, and how many for each; an empty object when none was lost. */
export function lostOf({ sent, answered, failed, mixed, failures, mixedSamples }: LoadResult): Record<string, number> {
  const silent = sent - answered - failed - mixed
  return {
    ...failures,
    ...(mixed > 0 && { [`mixed, such as ${mixedSamples[0]}`]: mixed }),
    ...(silent !== 0 && { 'neither answered nor failed': silent }),
  }
}

/** Counts what came back. */
export class Tally {
  sent = 0
  skipped = 0
  readonly #site: string
  readonly #timesMs: number[] = []
  readonly #failures: Record<string, number> = {}
  readonly #releases: Record<string, number> = {}
  readonly #samples: string[] = []
  readonly #failedAt: number[] = []
  #mixed = 0

  constructor(site: string) {
    this.#site = site
  }

  answer(question: string, response: IncomingMessage, body: string, tookMs: number): void {
    const release = String(response.headers['x-release'])
    const line = `${this.#site} ${release} ${question}\n`
    if (body !== line.repeat(60)) {
      this.#mixed++
      this.#samples.push(`asked ${question}, got ${body.length} of ${line.length * 60} bytes: ${oddLines(body, line)}`)
      return
    }
    this.#timesMs.push(tookMs)
    this.#releases[release] = (this.#releases[release] ?? 0) + 1
  }

  fail(error: unknown): void {
    const why = error instanceof Error ? ('code' in error ? String(error.code) : error.message) : String(error)
    this.#failedAt.push(performance.now())
    this.#failures[why] = (this.#failures[why] ?? 0) + 1
  }

  result(elapsedMs: number): LoadResult {
    const sorted = this.#timesMs.toSorted((a, b) => a - b)
    const at = (share: number) => Math.round((sorted[Math.floor((sorted.length - 1) * share)] ?? 0) * 10) / 10
    return {
      sent: this.sent,
      skipped: this.skipped,
      answered: sorted.length,
      failed: this.#failedAt.length,
      mixed: this.#mixed,
      failures: this.#failures,
      failedAt: this.#failedAt,
      mixedSamples: this.#samples.slice(0, 5),
      releases: this.#releases,
      perSecond: Math.round(sorted.length / (elapsedMs / 1000)),
      p50Ms: at(0.5),
      p99Ms: at(0.99),
      maxMs: at(1),
    }
  }
}

const oddLines = (body: string, line: string): string =>
  JSON.stringify([...new Set(body.split('\n').filter((found) => `${found}\n` !== line))].slice(0, 3))

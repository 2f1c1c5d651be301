import { cpus, loadavg } from 'node:os'

export const isQuick = process.argv.includes('--quick')

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? (sorted[middle] ?? Number.NaN) : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}

export const round = (value: number, digits = 2): number => Number(value.toFixed(digits))

/** A figure taken on a busy machine has to say so. */
export const machine = (): string =>
  `Node ${process.versions.node}, ${cpus().length} × ${cpus()[0]?.model.trim()}, load ${loadavg()
    .map((load) => load.toFixed(1))
    .join(' ')}, ${new Date().toISOString()}`

/** The last line of a bench: whether its goal was reached. */
export function verdict(name: string, value: number, goal: number, sense: 'at least' | 'at most'): void {
  const isReached = sense === 'at least' ? value >= goal : value <= goal
  console.log(`${isReached ? 'reached' : 'MISSED '}  ${name}: ${round(value)} (${sense} ${goal})`)
  if (!isReached) process.exitCode = 1
}

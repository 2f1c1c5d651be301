/** Runs the test files and reads vitest's own record of them. */
import { existsSync, readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root, run } from '../run.js'
import { seconds } from './screen.js'

const hungAfterMs = 30 * 60_000

/**
 * @param {import('./totals.js').Totals} totals
 * @param {{ folder: string, only: string[], env: NodeJS.ProcessEnv, signal: AbortSignal }} options
 */
export async function runTests(totals, { folder, only, env, signal }) {
  const record = join(folder, 'vitest.json')
  const notRun = join(folder, 'not-run')
  const vitest = [
    'node',
    join(root, 'node_modules', 'vitest', 'vitest.mjs'),
    'run',
    '--reporter=default',
    '--reporter=json',
  ]
  const { ok } = await run([...vitest, `--outputFile.json=${record}`, ...only], {
    show: true,
    timeoutMs: hungAfterMs,
    signal,
    env: { ...env, HOSTLER_NOT_RUN: notRun },
  })
  if (!existsSync(record)) return totals.fail('vitest ended without a record of its tests')

  /** @type {import('./totals.js').FileResult[]} */
  const files = JSON.parse(readFileSync(record, 'utf8')).testResults
  const failedBefore = totals.failures.length
  const missing = readNotRun(notRun)
  for (const file of files) totals.addFile(file, missing)
  if (!ok && totals.failures.length === failedBefore)
    totals.fail('vitest reported an error outside of the tests (see above)')
  sayTheSlowest(files)
}

/** @param {string} file @returns {import('./totals.js').NotRun[]} */
function readNotRun(file) {
  if (!existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').trim().split('\n')
  return lines.map((line) => JSON.parse(line))
}

/** @param {import('./totals.js').FileResult[]} files */
function sayTheSlowest(files) {
  const took = (/** @type {import('./totals.js').FileResult} */ file) => file.endTime - file.startTime
  const slowest = files.filter((file) => took(file) > 1000).sort((a, b) => took(b) - took(a))
  for (const file of slowest.slice(0, 8)) console.log(`Slow: ${relative(root, file.name)} (${seconds(took(file))})`)
}

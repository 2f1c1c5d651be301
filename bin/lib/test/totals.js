/** One count over the checks and all tests. A skipped test that no missing part explains is a failed one. */
import { relative } from 'node:path'
import { root } from '../run.js'

/**
 * @typedef {{ status: string, fullName: string, failureMessages?: string[] }} TestResult
 * @typedef {{ name: string, status: string, message?: string, startTime: number, endTime: number,
 *   assertionResults: TestResult[] }} FileResult
 * @typedef {{ file: string, missing: string }} NotRun What `needs()` of tests/support/parts.ts has written.
 */

export class Totals {
  passed = 0
  skipped = 0
  /** @type {string[]} One sentence for each failure. */
  failures = []
  /** @type {Map<string, number>} How many tests each missing part kept from running. */
  notRun = new Map()

  /** @param {string} sentence */
  fail(sentence) {
    this.failures.push(sentence)
  }

  /** @param {string} part @param {number} [tests] */
  skip(part, tests = 1) {
    this.skipped += tests
    this.notRun.set(part, (this.notRun.get(part) ?? 0) + tests)
  }

  /**
   * @param {FileResult} result
   * @param {readonly NotRun[]} notRun
   */
  addFile(result, notRun) {
    const file = relative(root, result.name)
    const missing = [...new Set(notRun.filter((entry) => entry.file === file).map((entry) => entry.missing))].join(
      ' and ',
    )
    const failedBefore = this.failures.length

    for (const test of result.assertionResults) {
      if (test.status === 'passed') this.passed++
      else if (test.status === 'failed') this.fail(`${file}: ${test.fullName}`)
      else if (missing) this.skip(missing)
      else this.fail(`${file}: ${test.fullName} was skipped, and no missing part says why`)
    }

    // A file that could not be read, or whose hooks failed, may have no failed test.
    if (result.status === 'failed' && this.failures.length === failedBefore)
      this.fail(`${file}: ${firstLine(result.message)}`)
  }

  /** The last lines of a run; the very last one is the count. */
  lines() {
    const skipped = this.skipped > 0 ? `, ${this.skipped} skipped` : ''
    return [
      ...this.failures.map((sentence) => `Failed: ${sentence}`),
      ...[...this.notRun].map(([part, tests]) => `Not run: ${part}: ${tests} ${tests === 1 ? 'test' : 'tests'}`),
      `${this.passed} passed, ${this.failures.length} failed${skipped}`,
    ]
  }
}

/** @param {string | undefined} text */
const firstLine = (text) => text?.trim().split('\n')[0] || 'failed without a word'

import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../../bin/lib/run.js'
import { Totals } from '../../bin/lib/test/totals.js'

const file = (name: string, statuses: string[], status = 'passed', message = '') => ({
  name: join(root, name),
  status,
  message,
  startTime: 0,
  endTime: 1,
  assertionResults: statuses.map((one, index) => ({ status: one, fullName: `test ${index}` })),
})

describe('the totals of a run', () => {
  it('end with one count over everything', () => {
    const totals = new Totals()
    totals.passed++
    totals.addFile(file('tests/a.test.ts', ['passed', 'passed']), [])

    expect(totals.lines()).toEqual(['3 passed, 0 failed'])
  })

  it('name the missing part of skipped tests', () => {
    const totals = new Totals()
    const missing = [{ file: 'tests/a.test.ts', missing: 'docker (no docker daemon)' }]
    totals.addFile(file('tests/a.test.ts', ['passed', 'skipped', 'skipped']), missing)
    totals.skip('shellcheck (no program of that name)')

    expect(totals.lines()).toEqual([
      'Not run: docker (no docker daemon): 2 tests',
      'Not run: shellcheck (no program of that name): 1 test',
      '1 passed, 0 failed, 3 skipped',
    ])
  })

  it.each(['skipped', 'pending', 'todo'])('fail a %s test that no missing part explains', (status) => {
    const totals = new Totals()
    totals.addFile(file('tests/b.test.ts', [status]), [{ file: 'tests/a.test.ts', missing: 'docker (none)' }])

    expect(totals.lines()).toEqual([
      'Failed: tests/b.test.ts: test 0 was skipped, and no missing part says why',
      '0 passed, 1 failed',
    ])
  })

  it('count a file that could not be read as a failure', () => {
    const totals = new Totals()
    totals.addFile(file('tests/a.test.ts', [], 'failed', 'Cannot find module\nat x'), [])

    expect(totals.lines()).toEqual(['Failed: tests/a.test.ts: Cannot find module', '0 passed, 1 failed'])
  })

  it('count a file whose hook failed after its tests passed as a failure', () => {
    const totals = new Totals()
    totals.addFile(file('tests/a.test.ts', ['passed'], 'failed', 'afterAll timed out'), [])

    expect(totals.lines().at(-1)).toBe('1 passed, 1 failed')
  })
})

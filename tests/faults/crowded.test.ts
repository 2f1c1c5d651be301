import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectNothingLeft, expectServed, type FaultStage, startFaultStage } from '../support/fault-stage.js'
import { needs } from '../support/parts.js'
import { visitedApp } from '../support/visitors.js'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('much at once', { timeout: 90_000 }, () => {
  let stage: FaultStage
  beforeAll(async () => {
    stage = await startFaultStage()
    await Promise.all([stage.worker(), stage.worker()])
  }, 90_000)
  afterAll(() => stage.stop())

  it('RC-02: of deploys asked in the same millisecond each ends, and the newest is live', async () => {
    await stage.repository.commit({ files: visitedApp('two') })
    const asked = await Promise.all(Array.from({ length: 6 }, () => stage.request()))

    const ended = await Promise.all(asked.map((deploy) => stage.ended(deploy)))

    const newest = ended.toSorted((a, b) => a.number - b.number).at(-1)
    expect(newest).toMatchObject({ status: 'succeeded', message: null })
    expect(ended.map(({ number }) => number).toSorted()).toEqual([2, 3, 4, 5, 6, 7])
    for (const { status, folded_into, message } of ended.filter((deploy) => deploy !== newest)) {
      if (folded_into) expect(message).toMatch(/A newer deploy, number \d, took its place/)
      else expect(status).toBe('succeeded')
    }
    await expect.poll(() => stage.visitors.paths.map((path) => path.at(-1))).toEqual(['two', 'two', 'two'])
    expectServed(stage.visitors, 'one', 'two')
    await expectNothingLeft(stage)
  })
})

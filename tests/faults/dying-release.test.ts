import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import {
  expectNothingLeft,
  expectSentence,
  expectServed,
  type FaultStage,
  startFaultStage,
} from '../support/fault-stage.js'
import { needs } from '../support/parts.js'
import { visitedApp } from '../support/visitors.js'

const tells = "console.log('my last words')"

/** Passes its health check, and ends a moment after the first visitor came (who comes through the edge). */
const mortal = {
  'server.js':
    visitedApp('mortal')['server.js']?.replace(
      "response.setHeader('x-release'",
      `if (request.headers['x-forwarded-for']) setTimeout(() => { ${tells}; process.exit(9) }, 300)
     $&`,
    ) ?? '',
}

describe.skipIf(!needs('git', 'runsv', 'sshd'))('R20: a release that ends', { timeout: 60_000 }, () => {
  let stage: FaultStage
  beforeAll(async () => {
    stage = await startFaultStage({ watch_seconds: 1 })
    await stage.worker()
  }, 60_000)
  afterAll(() => stage.stop())
  afterEach(() => expectNothingLeft(stage))

  it('ends before it answers', async () => {
    const ended = await stage.push({ 'server.js': `${tells}; process.exitCode = 3` })

    expect(ended).toMatchObject({ status: 'failed', message: expect.stringContaining('exit code 3') })
    expectSentence(ended)
    expect(await stage.log(ended)).toContain('my last words')
    expectServed(stage.visitors, 'one')
  })

  it('dies in the watch: the old one takes over again, and the deploy after it is well', async () => {
    const dies = await stage.push(mortal)

    expect(dies).toMatchObject({ status: 'failed', message: expect.stringMatching(/^Rolled back: .*exit code 9/) })
    expectSentence(dies)
    expect(await stage.log(dies)).toContain('my last words')
    expect(stage.visitors.paths[0]).toEqual(['one', 'mortal', 'one'])
    // Nobody can answer for an instance that is gone until the watch has seen it: the edge says so, and for how long is bounded.
    expect(stage.visitors.failures.filter((failure) => !/ 50[234] /.test(failure))).toEqual([])
    await expectNothingLeft(stage)

    const next = await stage.push(visitedApp('two'))
    expect(next).toMatchObject({ status: 'succeeded' })
    await expect.poll(() => stage.visitors.paths[0]?.at(-1)).toBe('two')
    // What never was good is not told as something that was kept once.
    const states = await stage.test.database.query<{ state: string }>('select state from releases order by number')
    expect(states.map(({ state }) => state)).toEqual(['kept', 'failed', 'failed', 'live'])
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectServed, type FaultStage, startFaultStage } from '../support/fault-stage.js'
import { needs } from '../support/parts.js'
import { visitedApp } from '../support/visitors.js'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('a deploy that says too much', { timeout: 90_000 }, () => {
  let stage: FaultStage
  beforeAll(async () => {
    stage = await startFaultStage()
    await stage.worker()
  }, 90_000)
  afterAll(() => stage.stop())

  it('R36: a build that prints 100 MB is built, and its log says what is left out', async () => {
    await stage.set(
      'build_command',
      "node -e \"console.error('begin')\"; yes 'a line of a hundred letters and more, as bundlers print them when something is not to their liking' | head -c 100000000; echo; echo the end",
    )

    const deploy = await stage.push(visitedApp('two'))

    const lines = await stage.log(deploy)
    expect(deploy, lines.slice(-30).join('\n')).toMatchObject({ status: 'succeeded' })
    expect(lines.length).toBeLessThan(6000)
    expect(lines.some((line) => /left out|not kept/.test(line))).toBe(true)
    expect(lines).toContain('the end')
    expect(
      await stage.test.database.query('select claims from operations where id = $1', [deploy.operation_id]),
    ).toEqual([{ claims: 1 }])
    await expect.poll(() => stage.visitors.paths.map((path) => path.at(-1))).toEqual(['two', 'two', 'two'])
    expectServed(stage.visitors, 'one', 'two')
  })
})

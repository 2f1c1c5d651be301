import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectNothingLeft, expectSentence, expectServed } from '../support/fault-stage.js'
import { type LinkedStage, startLinkedStage } from '../support/linked-stage.js'
import { needs } from '../support/parts.js'
import { eventually, processesOf } from '../support/sites.js'
import { visitedApp } from '../support/visitors.js'

const building = 'sleep 60.3'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('a link to the server that is lost', { timeout: 60_000 }, () => {
  let stage: LinkedStage
  beforeAll(async () => {
    stage = await startLinkedStage()
  }, 90_000)
  afterAll(() => stage.stop())

  const isBuilding = async () => processesOf(stage.place.user).some((row) => row.endsWith(building))

  it('R13: in the build: it fails with a sentence, what ran there is ended, and the next deploy is well', async () => {
    await stage.set('build_command', building)
    await stage.repository.commit({ files: visitedApp('two') })
    const deploy = await stage.request()
    await eventually('the build runs', isBuilding, 45_000)

    stage.link.cut()
    const ended = await stage.ended(deploy)

    expect(ended, (await stage.log(deploy)).join('\n')).toMatchObject({ status: 'failed' })
    expectSentence(ended)
    expect(await isBuilding()).toBe(false)
    await expectNothingLeft(stage)
    expectServed(stage.visitors, 'one')

    await stage.set('build_command', null)
    const next = await stage.ended(await stage.request())
    expect(next).toMatchObject({ status: 'succeeded', message: null })
    await expect.poll(() => stage.visitors.paths[0]?.at(-1)).toBe('two')
    expectServed(stage.visitors, 'one', 'two')
    await expectNothingLeft(stage)
  })
})

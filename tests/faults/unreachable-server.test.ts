import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectNothingLeft, expectSentence, expectServed } from '../support/fault-stage.js'
import { type LinkedStage, startLinkedStage } from '../support/linked-stage.js'
import { needs } from '../support/parts.js'
import { eventually, processesOf } from '../support/sites.js'
import { visitedApp } from '../support/visitors.js'

const releasing = 'sleep 60.4'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('a server that is not reached', { timeout: 60_000 }, () => {
  let stage: LinkedStage
  beforeAll(async () => {
    stage = await startLinkedStage()
  }, 90_000)
  afterAll(() => stage.stop())

  it('R13: from the release command on: it fails, and the next deploy clears what was left there', async () => {
    await stage.set('release_command', releasing)
    const deploy = await stage.request()
    await eventually(
      releasing,
      async () => processesOf(stage.place.user).some((row) => row.endsWith(releasing)),
      45_000,
    )

    await stage.link.refuse(true)
    const ended = await stage.ended(deploy)
    expect(ended).toMatchObject({ status: 'failed' })
    expectSentence(ended)
    expectServed(stage.visitors, 'one')

    await stage.link.refuse(false)
    await stage.set('release_command', null)
    expect(await stage.push(visitedApp('two'))).toMatchObject({ status: 'succeeded' })
    await expectNothingLeft(stage)
  })

  it('R15: at all: the sentence names the server', async () => {
    stage.link.hangUp()

    const ended = await stage.ended(await stage.request())

    expect(ended).toMatchObject({ status: 'failed', message: expect.stringMatching(/^server-\d+ /) })
    expectSentence(ended)
    await expectNothingLeft(stage)
    expect(stage.visitors.failures).toEqual([])
  })
})

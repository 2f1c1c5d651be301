import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requestDeploy } from '../../server/deploys/deploys.js'
import {
  expectNothingLeft,
  expectSentence,
  expectServed,
  type FaultStage,
  startFaultStage,
} from '../support/fault-stage.js'
import { needs } from '../support/parts.js'
import { visitedApp } from '../support/visitors.js'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('a source that is gone', { timeout: 60_000 }, () => {
  let stage: FaultStage
  beforeAll(async () => {
    stage = await startFaultStage()
    await stage.worker()
  }, 90_000)
  afterAll(() => stage.stop())

  const fails = async (sentence: RegExp, wish: { commit?: string } = {}) => {
    const asked = await stage.ctx.transaction((tx) => requestDeploy(tx, stage.site.slug, wish))
    const ended = await stage.ended(asked)
    expect(ended).toMatchObject({ status: 'failed', message: expect.stringMatching(sentence) })
    expectSentence(ended)
    expectServed(stage.visitors, 'one')
    await expectNothingLeft(stage)
  }

  it('a branch that is not there any more', async () => {
    await stage.set('branch', 'gone')

    await fails(/branch gone is not in/)

    await stage.set('branch', 'main')
  })

  it('a commit that was force-pushed away', async () => {
    const commit = await stage.repository.commit({ files: visitedApp('never') })
    await stage.repository.forcePush({ files: visitedApp('two') })

    await fails(/commit .{7} of the branch main is no longer in/, { commit })
  })

  it('a repository that is not there any more, and the next deploy from where it went', async () => {
    await stage.set('repository_url', stage.repository.httpUrl.replace('.git', '-gone.git'))

    await fails(/repository|sign in|not (found|there)/i)

    await stage.set('repository_url', stage.repository.httpUrl)
    expect(await stage.ended(await stage.request())).toMatchObject({ status: 'succeeded' })
    await expect.poll(() => stage.visitors.paths.map((path) => path.at(-1))).toEqual(['two', 'two', 'two'])
    await expectNothingLeft(stage)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cancelDeploy } from '../../server/deploys/deploys.js'
import { expectNothingLeft, type FaultStage, startFaultStage, stepNames } from '../support/fault-stage.js'
import { needs } from '../support/parts.js'
import { visitedApp } from '../support/visitors.js'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('a deploy that is cancelled too late', { timeout: 60_000 }, () => {
  let stage: FaultStage
  beforeAll(async () => {
    stage = await startFaultStage({ watch_seconds: 1 })
    await stage.worker()
  }, 90_000)
  afterAll(() => stage.stop())

  it.each(stepNames.slice(-2))('in “%s”: it goes on, and the site has the new release', async (step) => {
    const word = `after-${stepNames.indexOf(step)}`
    await stage.repository.commit({ files: visitedApp(word) })
    const deploy = await stage.request()
    await stage.reach(deploy, step)

    await stage.ctx.transaction((tx) => cancelDeploy(tx, stage.site.slug, deploy.number))

    const { status } = await stage.ended(deploy)
    // Until the traffic is switched there may still be a way back.
    expect(status).toMatch(step === 'Switch traffic' ? /succeeded|cancelled/ : /succeeded/)
    if (status === 'succeeded') await expect.poll(() => stage.visitors.paths[0]?.at(-1)).toBe(word)
    expect(stage.visitors.failures).toEqual([])
    await expectNothingLeft(stage)
  })
})

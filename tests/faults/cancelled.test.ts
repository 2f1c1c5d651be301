import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cancelDeploy, findDeploy, requestDeploy } from '../../server/deploys/deploys.js'
import { placeOf } from '../../server/deploys/places.js'
import {
  expectNothingLeft,
  expectServed,
  type FaultStage,
  type StepName,
  startFaultStage,
  stepNames,
} from '../support/fault-stage.js'
import { makeSite } from '../support/make.js'
import { needs } from '../support/parts.js'
import { freePort } from '../support/ports.js'
import { eventually, processesOf } from '../support/sites.js'
import { visitedApp } from '../support/visitors.js'

const committed: readonly StepName[] = stepNames.slice(-2)
const own = 'sleep 0.81'
const others = 'sleep 600.2'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('a deploy that is cancelled', { timeout: 60_000 }, () => {
  let stage: FaultStage
  let neighbour: { id: string; slug: string }
  const building = () => processesOf(placeOf(neighbour, stage.host.root).user).filter((row) => row.endsWith(others))

  beforeAll(async () => {
    stage = await startFaultStage({ build_command: own, release_command: own })
    await stage.worker()
    neighbour = await makeSite(stage.test.database, stage.server, stage.test.team, {
      port: await freePort(),
      repository_url: stage.repository.httpUrl,
      build_command: others,
    })
    await stage.ctx.transaction((tx) => requestDeploy(tx, neighbour.slug))
    await eventually('the neighbour builds', async () => building().length > 0, 45_000)
  }, 90_000)
  afterAll(async () => {
    await stage.ctx.transaction((tx) => cancelDeploy(tx, neighbour.slug, 1))
    await eventually('the neighbour ends', async () => {
      const { status } = await stage.ctx.transaction((tx) => findDeploy(tx, neighbour.slug, 1))
      return status === 'cancelled'
    })
    expect(building()).toEqual([])
    await stage.parts.runtimes.process.removePlace(stage.host, placeOf(neighbour, stage.host.root))
    await stage.stop()
  })

  it.each(stepNames.filter((name) => !committed.includes(name)))(
    'in “%s” is undone, and nothing but its own processes is ended',
    async (step) => {
      const before = building()
      const deploy = await stage.request()
      await stage.reach(deploy, step)
      if (step === 'Build' || step === 'Run the release command')
        await eventually(own, async () => processesOf(stage.place.user).some((row) => row.endsWith(own)))

      await stage.ctx.transaction((tx) => cancelDeploy(tx, stage.site.slug, deploy.number))

      expect(await stage.ended(deploy)).toMatchObject({ status: 'cancelled', message: 'It was cancelled' })
      await expectNothingLeft(stage)
      expectServed(stage.visitors, 'one')
      expect(building()).toEqual(before)
    },
  )

  it.each(committed)('in “%s” is too late: it goes on, and the site has the new release', async (step) => {
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

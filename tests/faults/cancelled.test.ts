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

/** The rest is past the commit point, see cancelled-too-late.test.ts. */
const undone = stepNames.slice(0, -2)
/** In these two steps the cancel comes while the site's own command runs. */
const commands: Partial<Record<StepName, string>> = {
  Build: 'build_command',
  'Run the release command': 'release_command',
}
const own = 'sleep 0.81'
const others = 'sleep 600.2'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('a deploy that is cancelled', { timeout: 60_000 }, () => {
  let stage: FaultStage
  let neighbour: { id: string; slug: string }
  /** Without their states, which change from one look to the next. */
  const building = () =>
    processesOf(placeOf(neighbour, stage.host.root).user)
      .filter((row) => row.endsWith(others))
      .map((row) => row.replace(/^(\S+)\s+\S+\s+/, '$1 '))
  const hasBegun = () => building().some((row) => row.slice(row.indexOf(' ') + 1) === others)

  beforeAll(async () => {
    stage = await startFaultStage()
    await stage.worker()
    neighbour = await makeSite(stage.test.database, stage.server, stage.test.team, {
      port: await freePort(),
      repository_url: stage.repository.httpUrl,
      build_command: others,
    })
    await stage.ctx.transaction((tx) => requestDeploy(tx, neighbour.slug))
    await eventually('the neighbour builds', async () => hasBegun(), 45_000)
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

  it.each(undone)('in “%s” is undone, and nothing but its own processes is ended', async (step) => {
    const before = building()
    const command = commands[step]
    if (command) await stage.set(command, own)
    // Else it may be over before the cancel comes.
    if (step === 'Wait until it is healthy') await stage.set('health_path', '/never')
    const deploy = await stage.request()
    await stage.reach(deploy, step)
    if (command) await eventually(own, async () => processesOf(stage.place.user).some((row) => row.endsWith(own)))

    await stage.ctx.transaction((tx) => cancelDeploy(tx, stage.site.slug, deploy.number))

    expect(await stage.ended(deploy)).toMatchObject({ status: 'cancelled', message: 'It was cancelled' })
    await expectNothingLeft(stage)
    expectServed(stage.visitors, 'one')
    expect(building()).toEqual(before)
    if (command) await stage.set(command, null)
    await stage.set('health_path', '/')
  })
})

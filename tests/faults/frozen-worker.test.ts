import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectNothingLeft, expectServed, type FaultStage, startFaultStage } from '../support/fault-stage.js'
import { needs } from '../support/parts.js'
import { eventually, processesOf } from '../support/sites.js'
import { visitedApp } from '../support/visitors.js'

const building = 'sleep 1.01'

describe.skipIf(!needs('git', 'runsv', 'sshd'))(
  'a worker that is frozen while another takes over',
  { timeout: 120_000 },
  () => {
    let stage: FaultStage
    beforeAll(async () => {
      stage = await startFaultStage()
    }, 90_000)
    afterAll(() => stage.stop())

    const says = (word: string, worker: { said(): string }) =>
      eventually(word, async () => worker.said().includes(word), 30_000)

    it('R04: wakes at the switch, when later releases are live already, and changes nothing', async () => {
      const asleep = await stage.worker()
      const second = stage.worker()
      await stage.repository.commit({ files: visitedApp('two') })
      const deploy = await stage.request()
      await stage.reach(deploy, 'Switch traffic')
      asleep.freeze()

      await second
      await stage.lose(deploy)
      expect(await stage.ended(deploy)).toMatchObject({ status: 'succeeded' })
      expect(await stage.push(visitedApp('three'))).toMatchObject({ status: 'succeeded' })
      asleep.thaw()
      await says('operation lost to another worker', asleep)

      await expect.poll(() => stage.visitors.paths.map((path) => path.at(-1))).toEqual(['three', 'three', 'three'])
      expectServed(stage.visitors, 'one', 'two', 'three')
      await expectNothingLeft(stage)
      await asleep.kill()
      await (await second).kill()
    })

    it('R04: wakes in the build, which the other has done anew, and writes nothing', async () => {
      await stage.set('build_command', building)
      const asleep = await stage.worker()
      const second = stage.worker()
      await stage.repository.commit({ files: visitedApp('four') })
      const deploy = await stage.request()
      await stage.reach(deploy, 'Build')
      await eventually(building, async () => processesOf(stage.place.user).some((row) => row.endsWith(building)))
      asleep.freeze()

      await second
      await stage.lose(deploy)
      await stage.reach(deploy, 'Build')
      asleep.thaw()
      await says('operation lost to another worker', asleep)
      expect(await stage.ended(deploy)).toMatchObject({ status: 'succeeded', message: null })

      await expect.poll(() => stage.visitors.paths.map((path) => path.at(-1))).toEqual(['four', 'four', 'four'])
      expectServed(stage.visitors, 'one', 'two', 'three', 'four')
      expect(
        await stage.test.database.query('select claims, fence from operations where id = $1', [deploy.operation_id]),
      ).toMatchObject([{ claims: 2 }])
      await expectNothingLeft(stage)
    })
  },
)

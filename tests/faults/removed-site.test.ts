import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { requestRemoval } from '../../server/sites/removal.js'
import { expectServed, type FaultStage, startFaultStage } from '../support/fault-stage.js'
import { needs } from '../support/parts.js'
import { eventually, processesOf } from '../support/sites.js'

const building = 'sleep 60.7'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('a site that is deleted during its deploy', { timeout: 60_000 }, () => {
  let stage: FaultStage
  beforeAll(async () => {
    stage = await startFaultStage({ build_command: null })
    await stage.set('build_command', building)
    await stage.worker()
  }, 90_000)
  afterAll(() => stage.stop())

  it('is served until the deploy has ended, and then nothing of it is left', async () => {
    const deploy = await stage.request()
    await eventually(building, async () => processesOf(stage.place.user).some((row) => row.endsWith(building)), 45_000)
    expectServed(stage.visitors, 'one')
    await stage.visitors.stop()

    const id = await requestRemoval(stage.ctx, stage.site.slug, { confirm: stage.site.slug, leaveBehind: false })

    const status = async (operationId: string | null) =>
      (
        await stage.test.database.query<{ status: string; message: string | null }>(
          'select status, message from operations where id = $1',
          [operationId],
        )
      )[0]
    await eventually(
      'the site is gone',
      async () => ['succeeded', 'failed', 'cancelled'].includes((await status(id))?.status ?? ''),
      45_000,
    )
    expect(await status(id)).toEqual({ status: 'succeeded', message: null })
    expect((await status(deploy.operation_id)) ?? { status: 'cancelled' }).toMatchObject({ status: 'cancelled' })
    expect(processesOf(stage.place.user)).toEqual([])
    expect(existsSync(stage.place.folder)).toBe(false)
    expect(await stage.test.database.query('select id from sites where id = $1', [stage.site.id])).toEqual([])
  })
})

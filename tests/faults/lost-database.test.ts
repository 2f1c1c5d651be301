import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type EmbeddedPostgres, startEmbedded } from '../../server/platform/db/embedded.js'
import { useCluster } from '../support/database.js'
import {
  expectNothingLeft,
  expectServed,
  type FaultStage,
  type StepName,
  startFaultStage,
} from '../support/fault-stage.js'
import { needs } from '../support/parts.js'
import { eventually } from '../support/sites.js'
import { visitedApp } from '../support/visitors.js'

const slow = 'sleep 1.5'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('PostgreSQL is restarted', { timeout: 90_000 }, () => {
  let stage: FaultStage
  let postgres: EmbeddedPostgres
  let folder: string
  let leaveCluster = () => {}
  const start = () => startEmbedded(path.join(folder, 'postgres'), { fsync: 'off' })

  beforeAll(async () => {
    folder = await mkdtemp(path.join(tmpdir(), 'hostler-own-postgres-'))
    await chmod(folder, 0o711)
    postgres = await start()
    leaveCluster = await useCluster(postgres.ownerUrl)
    stage = await startFaultStage({ build_command: slow })
    await stage.worker()
  }, 120_000)
  afterAll(async () => {
    leaveCluster()
    await stage.stop()
    await postgres.stop()
    await rm(folder, { recursive: true, force: true })
  })

  it.each<[StepName, string]>([
    ['Build', 'two'],
    ['Switch traffic', 'three'],
  ])('R09: in “%s”: the deploy waits for it and ends live', async (step, word) => {
    await stage.repository.commit({ files: visitedApp(word) })
    const deploy = await stage.request()
    await stage.reach(deploy, step)

    await postgres.stop()
    postgres = await start()

    const ended = await stage.ended(deploy)
    expect(ended, (await stage.log(deploy)).join('\n')).toMatchObject({ status: 'succeeded', message: null })
    await expect.poll(() => stage.visitors.paths[0]?.at(-1)).toBe(word)
    await expectNothingLeft(stage)
  })

  it('R09: while a deploy is asked for: what was not written is asked again, and runs', async () => {
    await postgres.stop()
    await expect(stage.request()).rejects.toThrow()
    postgres = await start()

    const asked = await eventually('the panel is well again', () => stage.request().catch(() => null))
    expect(await stage.ended(asked)).toMatchObject({ status: 'succeeded' })
    expectServed(stage.visitors, 'one', 'two', 'three')
    await expectNothingLeft(stage)
  })
})

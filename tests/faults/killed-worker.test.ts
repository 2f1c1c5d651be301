import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import {
  expectNothingLeft,
  expectServed,
  type FaultStage,
  type StepName,
  startFaultStage,
  stepNames,
} from '../support/fault-stage.js'
import { needs } from '../support/parts.js'
import { eventually, processesOf } from '../support/sites.js'
import { visitedApp } from '../support/visitors.js'
import type { WorkerProcess } from '../support/worker-process.js'

/** In these two steps the second kill comes while the site's own command runs. */
const commands: Partial<Record<StepName, string>> = { Build: 'sleep 0.71', 'Run the release command': 'sleep 0.72' }

/** An operation may lose its worker ten times, so the steps are shared out among three deploys. */
const shares = [
  ['two', stepNames.slice(0, 4)],
  ['three', stepNames.slice(4, 7)],
  ['four', stepNames.slice(7)],
] as const

describe.skipIf(!needs('git', 'runsv', 'sshd'))('a worker that is killed', { timeout: 150_000 }, () => {
  let stage: FaultStage
  let worker: WorkerProcess
  beforeAll(async () => {
    stage = await startFaultStage({
      build_command: commands.Build,
      release_command: commands['Run the release command'],
    })
    worker = await stage.worker()
  }, 90_000)
  afterAll(() => stage.stop())

  it.each(shares)(
    'R01, R02: twice in each step on the way to “%s”: another goes on, and it ends live',
    async (word, steps) => {
      await stage.repository.commit({ files: visitedApp(word) })
      const deploy = await stage.request()

      for (const [step, time] of steps.flatMap((name) => [[name, 1] as const, [name, 2] as const])) {
        const next = stage.worker()
        await stage.reach(deploy, step)
        const command = time === 2 && commands[step]
        if (command)
          await eventually(command, async () => processesOf(stage.place.user).some((row) => row.endsWith(command)))
        await worker.kill()
        await stage.lose(deploy)
        worker = await next
      }
      const ended = await stage.ended(deploy)

      expect(ended, (await stage.log(ended)).join('\n')).toMatchObject({ status: 'succeeded', message: null })
      await expect.poll(() => stage.visitors.paths.map((path) => path.at(-1))).toEqual([word, word, word])
      await expectNothingLeft(stage)
    },
  )

  it('R01: nobody noticed, and every deploy made one release', async () => {
    expectServed(stage.visitors, 'one', 'two', 'three', 'four')
    expect(
      await stage.test.database.query('select number, state from releases where site_id = $1 order by number', [
        stage.site.id,
      ]),
    ).toEqual([
      { number: 1, state: 'kept' },
      { number: 2, state: 'kept' },
      { number: 3, state: 'kept' },
      { number: 4, state: 'live' },
    ])
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { expectNothingLeft, expectServed, type FaultStage, type StepName, startFaultStage } from './fault-stage.js'
import { needs } from './parts.js'
import { eventually, processesOf } from './sites.js'
import { visitedApp } from './visitors.js'
import type { WorkerProcess } from './worker-process.js'

/** What a deploy is doing. A file of tests for each, because a worker's start takes a second, and each step needs two. */
type Doing = 'fetching' | 'building' | 'releasing' | 'starting' | 'switching'

const doing: Record<StepName, Doing> = {
  'Check the server': 'fetching',
  'Fetch the source': 'fetching',
  'Prepare the build': 'building',
  Build: 'building',
  'Write the environment': 'releasing',
  'Run the release command': 'releasing',
  'Start the new instance': 'starting',
  'Wait until it is healthy': 'starting',
  'Switch traffic': 'switching',
  'Watch it, then retire the old one': 'switching',
}

/** In these two steps the second kill comes while the site's own command runs. */
const commands: Partial<Record<StepName, string>> = { Build: 'sleep 0.71', 'Run the release command': 'sleep 0.72' }

export const killedWhile = (what: Doing) =>
  describe.skipIf(!needs('git', 'runsv', 'sshd'))(`a worker that is killed while ${what}`, { timeout: 150_000 }, () => {
    let stage: FaultStage
    let worker: WorkerProcess
    beforeAll(async () => {
      stage = await startFaultStage({ watch_seconds: 1 })
      if (what === 'building') await stage.set('build_command', commands.Build)
      if (what === 'releasing') await stage.set('release_command', commands['Run the release command'])
      worker = await stage.worker()
    }, 90_000)
    afterAll(() => stage.stop())

    it('R01, R02: twice in each step: another goes on, and it ends live', async () => {
      await stage.repository.commit({ files: visitedApp('two') })
      const deploy = await stage.request()

      const steps = (Object.keys(doing) as StepName[]).filter((name) => doing[name] === what) // Its own keys.
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
      await expect.poll(() => stage.visitors.paths.map((path) => path.at(-1))).toEqual(['two', 'two', 'two'])
      await expectNothingLeft(stage)
    })

    it('R01: nobody noticed, and the deploy made one release', async () => {
      expectServed(stage.visitors, 'one', 'two')
      expect(
        await stage.test.database.query('select number, state from releases where site_id = $1 order by number', [
          stage.site.id,
        ]),
      ).toEqual([
        { number: 1, state: 'kept' },
        { number: 2, state: 'live' },
      ])
    })
  })

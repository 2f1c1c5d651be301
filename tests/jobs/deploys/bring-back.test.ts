import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bringBackHandler } from '../../../jobs/deploys/bring-back.js'
import { bringSitesBack } from '../../../server/deploys/bring-back.js'
import { placeOf } from '../../../server/deploys/places.js'
import { newId } from '../../../server/platform/ids.js'
import { run } from '../../../server/platform/operations/runner.js'
import { needs } from '../../support/parts.js'
import { processesOf } from '../../support/sites.js'
import { type Stage, startStage } from '../../support/stage.js'

describe.skipIf(!needs('git', 'runit', 'root', 'sshd'))('a machine that was restarted', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
    await stage.deploy()
  })
  afterAll(() => stage.stop())

  it('R21: serves its sites again, each with the release that was live', async () => {
    const { user } = placeOf(stage.site, '')
    // What a restart leaves of it: files, and nothing that runs.
    kill('-f', `runsv.*${stage.site.id}`)
    kill('-u', user)
    await expect.poll(() => processesOf(user)).toEqual([])

    const [server] = await stage.test.database.query<{ id: string; team_id: string; name: string }>(
      'select id, team_id, name from servers',
    )
    if (!server) throw new Error('There is no server')
    await bringSitesBack(stage.test.services, server)
    const [operation] = await stage.test.database.query<{ id: string }>(
      "select id from operations where kind = 'bring-sites-back'",
    )
    const handlers = new Map([['bring-sites-back', bringBackHandler(stage.parts)]])
    await run(stage.test.services, handlers, operation?.id ?? '', newId(), new AbortController().signal)

    const [ended] = await stage.test.database.query('select status, message from operations where id = $1', [
      operation?.id,
    ])
    expect(ended).toEqual({ status: 'succeeded', message: null })
    await expect.poll(async () => (await stage.visit()).text, { timeout: 10_000 }).toBe('one GET 0')
  })
})

/** Nothing to kill is no failure. */
function kill(...which: string[]): void {
  try {
    execFileSync('pkill', ['-KILL', ...which])
  } catch (error) {
    if ((error as { status?: number }).status !== 1) throw error
  }
}

import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { bringBackHandler } from '../../../jobs/deploys/bring-back.js'
import { pollServersHandler } from '../../../jobs/servers/poll-servers.js'
import { placeOf } from '../../../server/deploys/places.js'
import { newId } from '../../../server/platform/ids.js'
import { run } from '../../../server/platform/operations/runner.js'
import { needs } from '../../support/parts.js'
import { processesOf } from '../../support/sites.js'
import { type Stage, startStage } from '../../support/stage.js'

describe.skipIf(!needs('git', 'runit', 'root', 'sshd'))('what a server lost by itself', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
    await stage.deploy()
  })
  beforeEach(async () => {
    await stage.test.database.query('delete from operations where kind = $1', ['bring-sites-back'])
    await poll()
  })
  afterAll(() => stage.stop())

  const poll = () => pollServersHandler.run({}, { services: stage.test.services, signal: new AbortController().signal })
  const asked = () =>
    stage.test.database.query<{ id: string; title: string }>(
      "select id, title from operations where kind = 'bring-sites-back'",
    )
  const bringBack = async (id = '') => {
    const handlers = new Map([['bring-sites-back', bringBackHandler(stage.parts)]])
    await run(stage.test.services, handlers, id, newId(), new AbortController().signal)
    const ended = await stage.test.database.query('select status, message from operations where id = $1', [id])
    expect(ended).toEqual([{ status: 'succeeded', message: null }])
    await expect.poll(async () => (await stage.visit()).text, { timeout: 10_000 }).toBe('one GET 0')
  }

  it('R21: comes back after a restart of the machine, each site with the release that was live', async () => {
    const { user } = placeOf(stage.site, '')
    // What a restart leaves of it: files, and nothing that runs.
    kill('-f', `runsv.*${stage.site.id}`)
    kill('-u', user)
    await expect.poll(() => processesOf(user)).toEqual([])
    await stage.test.database.query('update servers set boot_id = $1', ['another'])

    await poll()

    const [operation, ...more] = await asked()
    expect(operation?.title).toMatch(/^Bring the sites of .+ back after its restart$/)
    expect(more).toEqual([])
    await bringBack(operation?.id)
  })

  it('comes back when the relay has ended', async () => {
    process.kill(Number(readFileSync(`${stage.host.root}/relay/relay.pid`, 'utf8')), 'SIGKILL')
    const isSilent = () =>
      stage.visit().then(
        () => false,
        () => true,
      )
    await expect.poll(isSilent).toBe(true)

    await poll()

    const [operation] = await asked()
    expect(operation?.title).toMatch(/^Bring the sites of .+ back after the end of its relay$/)
    await bringBack(operation?.id)
  })

  it('R21: is asked for by the next poll when this one came to its end before it could', async () => {
    const { database } = stage.test
    await database.query('update servers set boot_id = $1', ['another'])
    await database.query(`alter table operations add constraint refusing check (kind <> 'bring-sites-back') not valid`)
    await expect(poll()).rejects.toThrow('refusing')
    await database.query('alter table operations drop constraint refusing')

    await poll()

    expect(await asked()).toHaveLength(1)
  })

  it('is asked for once, and never while all runs', async () => {
    await poll()
    expect(await asked()).toEqual([])

    await stage.test.database.query('update servers set boot_id = $1', ['another'])
    for (const _ of [1, 2]) await poll()
    expect(await asked()).toHaveLength(1)
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

import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operationHandlers } from '../../jobs/operations.js'
import { loadSite } from '../../jobs/sites/context.js'
import { placeOf } from '../../server/deploys/places.js'
import { newId } from '../../server/platform/ids.js'
import { run } from '../../server/platform/operations/runner.js'
import { cmd } from '../../server/platform/shell/command.js'
import { StaleLeaseError } from '../../server/platform/ssh/remote-command-error.js'
import { requestRemoval } from '../../server/sites/removal.js'
import { activateSite, archiveSite, deactivateSite, unarchiveSite } from '../../server/sites/states.js'
import { ask } from '../support/edges.js'
import { needs } from '../support/parts.js'
import { processesOf } from '../support/sites.js'
import { type Stage, startStage } from '../support/stage.js'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('the states and the end of a site', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
  }, 60_000)
  afterAll(() => stage.stop())

  const site = async () => (await stage.test.database.query('select * from sites where id = $1', [stage.site.id]))[0]
  const operation = async (id: string) =>
    (await stage.test.database.query('select status, message from operations where id = $1', [id]))[0]
  const finish = async (id: string) => {
    await run(stage.test.services, operationHandlers(stage.parts), id, newId(), new AbortController().signal)
    return operation(id)
  }
  const place = async () => {
    const host = await stage.test.services.hosts.get((await site())?.server_id)
    return placeOf(stage.site, host.root)
  }

  /** The site in the hands of the first run that there was. */
  const sleeper = async () => {
    const found = await loadSite(stage.ctx, stage.parts, { siteId: stage.site.id, fence: 1 })
    if (!found) throw new Error('The site is gone')
    return found
  }
  const liveInstance = async () =>
    (await stage.test.database.query<{ port: number }>("select port from instances where state = 'live'"))[0]

  it('deactivates: visitors are turned away, nothing runs, the release is kept', async () => {
    await stage.deploy()
    expect(await stage.visit()).toMatchObject({ status: 200 })
    const waiting = await stage.request()

    const id = await deactivateSite(stage.ctx, stage.site.slug)
    expect((await stage.find(waiting.number)).message).toBe('The site was deactivated')
    expect(await finish(id)).toEqual({ status: 'succeeded', message: null })

    expect(await stage.visit()).toMatchObject({ status: 503 })
    expect(await site()).toMatchObject({ state: 'deactivated', live_release_id: null })
    expect(processesOf((await place()).user)).toEqual([])
    expect(await stage.test.database.query("select 1 from instances where state <> 'retired'")).toEqual([])
    await expect(stage.request()).rejects.toThrow('deactivated')
  }, 90_000)

  it('archives what is deactivated, and brings it back', async () => {
    expect(await archiveSite(stage.ctx, stage.site.slug)).toMatchObject({ state: 'archived' })
    await expect(activateSite(stage.ctx, stage.site.slug)).rejects.toThrow('archived')
    expect(await unarchiveSite(stage.ctx, stage.site.slug)).toMatchObject({ state: 'deactivated' })
  })

  it('activates the release that was live last, without a build', async () => {
    const deploy = await activateSite(stage.ctx, stage.site.slug)
    expect(deploy).toMatchObject({ kind: 'rollback' })
    await finish(deploy?.operation_id ?? '')

    expect(await stage.visit()).toMatchObject({ status: 200, text: 'one GET 0' })
    expect(await site()).toMatchObject({ state: 'active' })
  }, 90_000)

  it('R04: stops nothing for a worker that slept while another brought the site back', async () => {
    const asleep = await sleeper()
    const id = { place: asleep.place, release: 1, port: (await liveInstance())?.port ?? 0 }

    await expect(stage.parts.runtimes.process.stop(asleep.host, id, { drainSeconds: 0 })).rejects.toThrow(
      StaleLeaseError,
    )
    await expect(stage.parts.runtimes.process.removePlace(asleep.host, asleep.place)).rejects.toThrow(StaleLeaseError)
    expect(await stage.visit()).toMatchObject({ status: 200 })
  })

  it('deletes everything of the site from its server and the database, also when it is asked during a deploy', async () => {
    const { user, folder } = await place()
    const asleep = await sleeper()
    const deploy = await stage.request()
    const running = stage.runOperation(deploy.operation_id)
    await expect.poll(async () => (await operation(deploy.operation_id))?.status, { timeout: 20_000 }).toBe('running')

    await expect(requestRemoval(stage.ctx, stage.site.slug, { confirm: 'other', leaveBehind: false })).rejects.toThrow(
      'Type',
    )
    const id =
      (await requestRemoval(stage.ctx, stage.site.slug, { confirm: stage.site.slug, leaveBehind: false })) ?? ''
    await expect(
      requestRemoval(stage.ctx, stage.site.slug, { confirm: stage.site.slug, leaveBehind: false }),
    ).rejects.toThrow('being deleted already')
    await running
    expect(await operation(deploy.operation_id)).toMatchObject({ status: 'cancelled' })
    expect(await finish(id)).toEqual({ status: 'succeeded', message: null })

    expect(await site()).toBeUndefined()
    for (const table of ['deploys', 'releases', 'instances', 'environment_variables'])
      expect(await stage.test.database.query(`select 1 from ${table}`)).toEqual([])
    expect(processesOf(user)).toEqual([])
    expect(existsSync(folder)).toBe(false)
    await expect(ask(stage.site.port)).rejects.toThrow('ECONNREFUSED')
    const again = asleep.host.run(cmd('mkdir', '-p', '--', folder), { timeoutMs: 10_000 })
    await expect(again, 'RC-03: a worker that slept puts it back').rejects.toThrow(StaleLeaseError)
    expect(existsSync(folder)).toBe(false)
    const events = await stage.test.database.query("select type from events where type like 'site.%' order by sequence")
    expect(events.map(({ type }) => type)).toEqual([
      'site.deactivated',
      'site.archived',
      'site.unarchived',
      'site.activated',
      'site.removal-requested',
      'site.removed',
    ])
  }, 120_000)
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { cancelDeploy, findDeploy, requestDeploy, requestRollback } from '../../server/deploys/deploys.js'
import { TeamCtx } from '../../server/platform/access/ctx.js'
import { newId } from '../../server/platform/ids.js'
import { insert, makeRelease, makeServer, makeSite } from '../support/make.js'
import { type TestServices, testServices } from '../support/services.js'

describe('asking for a deploy', () => {
  let test: TestServices
  let ctx: TeamCtx
  let site: { id: string; slug: string }

  beforeAll(async () => {
    test = await testServices()
    ctx = TeamCtx.system(test.services, test.team, 'Ada')
  })
  afterAll(() => test.close())
  beforeEach(async () => {
    site = await makeSite(test.database, await makeServer(test.database, test.team), test.team)
  })

  const ask = () => ctx.transaction((tx) => requestDeploy(tx, site.slug))
  const find = (number: number) => ctx.transaction((tx) => findDeploy(tx, site.slug, number))

  it('writes down an operation that holds the site and a place on its server', async () => {
    const deploy = await ask()

    expect(deploy).toMatchObject({ number: 1, kind: 'deploy', status: 'queued', branch: 'main', requested_by: 'Ada' })
    const [operation] = await test.database.query('select subject, pool_limit, title from operations where id = $1', [
      deploy.operation_id,
    ])
    expect(operation).toMatchObject({ subject: `site:${site.id}`, pool_limit: 2, title: `Deploy ${site.slug}` })
    const steps = await test.database.query('select name from operation_steps where operation_id = $1', [
      deploy.operation_id,
    ])
    expect(steps).toHaveLength(10)
  })

  it('folds the deploys that wait into the newest', async () => {
    await ask()
    await ask()
    const newest = await ask()

    expect(await find(1)).toMatchObject({ status: 'cancelled', folded_into: expect.any(String) })
    expect(await find(2)).toMatchObject({
      status: 'cancelled',
      folded_into: newest.id,
      message: 'A newer deploy, number 3, took its place',
    })
    expect(await find(3)).toMatchObject({ status: 'queued' })
  })

  it('leaves a deploy that runs alone', async () => {
    const running = await ask()
    await test.database.query("update operations set status = 'running' where id = $1", [running.operation_id])
    await ask()

    expect(await find(1)).toMatchObject({ status: 'running', folded_into: null })
  })

  it('R25: makes one deploy wait out of twenty asked in the same moment, with gapless numbers', async () => {
    await Promise.all(Array.from({ length: 20 }, ask))

    const all = await Promise.all(Array.from({ length: 20 }, (_, index) => find(index + 1)))
    expect(all.filter(({ status }) => status === 'queued').map(({ number }) => number)).toEqual([20])
  })

  it('goes back to a kept release, and to no other', async () => {
    const release = await makeRelease(test.database, site, test.team, { number: 4 })
    await makeRelease(test.database, site, test.team, { number: 5, state: 'pruned', artifact: null })

    const deploy = await ctx.transaction((tx) => requestRollback(tx, site.slug, 4))
    expect(deploy).toMatchObject({ kind: 'rollback', target_release_id: release.id })
    await expect(ctx.transaction((tx) => requestRollback(tx, site.slug, 5))).rejects.toThrow('no longer kept')
    await expect(ctx.transaction((tx) => requestRollback(tx, site.slug, 6))).rejects.toThrow('no such release')
  })

  it('cancels once, and says why not twice', async () => {
    await ask()
    const cancelled = await ctx.transaction((tx) => cancelDeploy(tx, site.slug, 1))

    expect(cancelled.status).toBe('cancelled')
    await expect(ctx.transaction((tx) => cancelDeploy(tx, site.slug, 1))).rejects.toThrow('The deploy has ended')
  })

  it('AZ-04: finds no deploy of another team, whoever owns the number', async () => {
    const rival = { id: newId(), slug: 'rival', name: 'Rival' }
    await insert(test.database, 'teams', { ...rival, created_at: new Date() })
    await ask()
    const stranger = TeamCtx.system(test.services, rival)

    await expect(stranger.transaction((tx) => findDeploy(tx, site.slug, 1))).rejects.toMatchObject({ status: 404 })
    await expect(stranger.transaction((tx) => requestDeploy(tx, site.slug))).rejects.toMatchObject({ status: 404 })
  })

  it('LG-06: appends who asked for what', async () => {
    await ask()

    const events = await test.database.query('select type, actor_name, data from events where subject_id = $1', [
      site.id,
    ])
    expect(events).toEqual([
      { type: 'deploy.requested', actor_name: 'Ada', data: { deploy: 1, branch: 'main', folded: [] } },
    ])
  })
})

import { existsSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { operationHandlers } from '../../jobs/operations.js'
import { placeOf } from '../../server/deploys/places.js'
import { newId } from '../../server/platform/ids.js'
import { run } from '../../server/platform/operations/runner.js'
import { requestRemoval } from '../../server/sites/removal.js'
import { deactivateSite } from '../../server/sites/states.js'
import { needs } from '../support/parts.js'
import { type Stage, startStage } from '../support/stage.js'
import { startCanaries } from './canaries.js'

const { touch, made, remove } = startCanaries()
afterAll(remove)

describe.skipIf(!needs('git', 'runit', 'root', 'sshd'))('CI-05: rows that nobody could have typed', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage({ health_deadline_seconds: 2 })
    await stage.deploy()
  })
  afterAll(() => stage.stop())

  const inBranch = (name: string) => `--upload-pack=${touch(name)}`
  it.each([
    ['repository_url', `--upload-pack=${touch('g')}`],
    ['repository_url', `ext::sh -c ${touch('h')}`],
    ['repository_url', `https://127.0.0.1:9/$(${touch('i')}).git`],
    ['branch', inBranch('j')],
    ['branch', `$(${touch('k')})`],
    ['root_folder', `../../$(${touch('l')})`],
    ['node_version', `22;${touch('m')}`],
    ['health_path', `/ HTTP/1.1\r\nHost: x\r\n\r\n;${touch('n')}`],
  ])('%s = %j is refused or only data', async (column, text) => {
    const { database } = stage.test
    const [row] = await database.query<Record<string, string>>(`select ${column} as before from sites`)
    await database.query(`update sites set ${column} = $1`, [text])
    const deploy = await stage.deploy()
    await database.query(`update sites set ${column} = $1`, [row?.before])

    expect(['succeeded', 'failed']).toContain(deploy.status)
    expect(made()).toEqual([])
    expect((await stage.visit()).status).toBe(200)
  })

  const everywhere = (name: string) => `x'";${touch(name)};$(${touch(`${name}1`)})\`${touch(`${name}2`)}\` -rf ../.. --`
  const texts: readonly [table: string, column: string][] = [
    ['sites', 'name'],
    ['servers', 'name'],
    ['releases', 'artifact'],
    ['releases', 'commit_sha'],
    ['releases', 'commit_subject'],
    ['releases', 'node_version'],
    ['operations', 'title'],
  ]
  const plant = async (where: Record<string, string> = {}) => {
    for (const [table, column] of texts)
      await stage.test.database.query(`update ${table} set ${column} = $1 ${where[table] ?? ''}`, [
        everywhere(table[0] + column),
      ])
  }
  const finish = async (id: string) => {
    const handlers = operationHandlers(stage.parts)
    await run(stage.test.services, handlers, id, newId(), new AbortController().signal)
    return (await stage.test.database.query('select status from operations where id = $1', [id]))[0]
  }

  it('are only data to what clears old releases away, under a new name of the site', async () => {
    await stage.deploy()
    await plant({ releases: "where state <> 'live'" })
    await stage.test.database.query('update sites set keep_releases = 2')

    for (const _ of [1, 2]) expect(await stage.deploy()).toMatchObject({ status: 'succeeded', message: null })

    expect(made()).toEqual([])
    const kept = await stage.test.database.query("select number from releases where state in ('kept', 'live')")
    expect(kept).toHaveLength(2)
  }, 60_000)

  it('are only data to what stops a site and to what deletes it', async () => {
    const { folder } = placeOf(stage.site, stage.host.root)
    await plant()

    expect(await finish(await deactivateSite(stage.ctx, stage.site.slug))).toEqual({ status: 'succeeded' })
    const confirm = everywhere('sname')
    const id = await requestRemoval(stage.ctx, stage.site.slug, { confirm, leaveBehind: false })
    expect(await finish(id ?? '')).toEqual({ status: 'succeeded' })

    expect(made()).toEqual([])
    expect(existsSync(folder)).toBe(false)
    expect(existsSync(stage.host.root)).toBe(true)
  }, 60_000)
})

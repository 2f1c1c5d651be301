import { afterAll, beforeAll, describe, expect, it } from 'vitest'
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
})

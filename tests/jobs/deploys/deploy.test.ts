import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { needs } from '../../support/parts.js'
import { app, type Stage, startStage } from '../../support/stage.js'

describe.skipIf(!needs('git', 'runsv', 'sshd'))('a deploy on this machine', () => {
  let stage: Stage
  beforeAll(async () => {
    stage = await startStage()
  }, 60_000)
  afterAll(() => stage.stop())

  it('takes a repository to a running site', async () => {
    const deploy = await stage.deploy()

    expect(deploy, (await stage.log(deploy)).join('\n')).toMatchObject({ status: 'succeeded', message: null })
    expect(await stage.visit()).toEqual({ status: 200, text: 'one GET 0' })
  }, 60_000)

  it('puts the next commit in its place', async () => {
    await stage.repository.commit({ files: app('two') })

    const deploy = await stage.deploy()

    expect(deploy, (await stage.log(deploy)).join('\n')).toMatchObject({ status: 'succeeded', release_number: 2 })
    expect((await stage.visit()).text).toBe('two GET 0')
  }, 60_000)

  it('goes back to the release before, without a build', async () => {
    const deploy = await stage.rollBack(1)

    expect(deploy, (await stage.log(deploy)).join('\n')).toMatchObject({ status: 'succeeded', kind: 'rollback' })
    expect(await stage.log(deploy)).toContain('Release 1 is already built')
    expect((await stage.visit()).text).toBe('one GET 0')
  }, 60_000)
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { mirrorFolder, placeOf } from '../../../server/deploys/places.js'
import { partsOf } from '../../../server/git/commands.js'
import { cmd } from '../../../server/platform/shell/command.js'
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

  it('keeps the commits of the releases that it keeps, and no others', async () => {
    const place = placeOf(stage.site, stage.host.root)
    const kept = async () =>
      (
        await stage.host.capture(
          cmd('git', `--git-dir=${partsOf(mirrorFolder(place)).repository}`, 'for-each-ref', 'refs/hostler/'),
          { timeoutMs: 30_000 },
        )
      )
        .trim()
        .split('\n')
        .map((line) => line.split(' ')[0])
    const commits = async () =>
      (
        await stage.test.database.query<{ commit_sha: string }>(
          "select commit_sha from releases where state in ('live', 'kept') order by number",
        )
      ).map((release) => release.commit_sha)
    expect(await kept()).toHaveLength(2)
    await stage.test.database.query('update sites set keep_releases = 2')
    await stage.repository.forcePush({ files: app('three') })

    await stage.deploy()

    expect(await commits()).toHaveLength(2)
    expect((await kept()).toSorted()).toEqual((await commits()).toSorted())
    await stage.test.database.query('update sites set keep_releases = 10')
  }, 60_000)

  it('goes back to the release before, without a build', async () => {
    const deploy = await stage.rollBack(2)

    expect(deploy, (await stage.log(deploy)).join('\n')).toMatchObject({ status: 'succeeded', kind: 'rollback' })
    expect(await stage.log(deploy)).toContain('Release 2 is already built')
    expect((await stage.visit()).text).toBe('two GET 0')
  }, 60_000)
})

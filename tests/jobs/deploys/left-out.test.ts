import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ensureDeploy, requestDeploy } from '../../../server/deploys/deploys.js'
import { reconcileSite } from '../../../server/pushes/pushes.js'
import { needs } from '../../support/parts.js'
import { type Stage, startStage } from '../../support/stage.js'

const page = (words: string) => ({ 'index.html': words })

describe.skipIf(!needs('git', 'runit'))('a deploy that nobody asked for', () => {
  let stage: Stage
  beforeAll(async () => {
    const settings = { stack: 'static', start_command: null, static_folder: '.', auto_deploy: true }
    stage = await startStage({ ...settings, watched_paths: ['index.html'], watch_seconds: 0 }, page('one'))
    expect(await stage.deploy()).toMatchObject({ status: 'succeeded', message: null })
    await set({ seen_commit: await stage.repository.head(), seen_deployed: true })
  }, 60_000)
  afterAll(() => stage.stop())

  const set = (values: object) =>
    stage.test.database.query(
      `update sites set ${Object.keys(values).map((name, index) => `${name} = $${index + 2}`)} where id = $1`,
      [stage.site.id, ...Object.values(values)],
    )
  const seen = async () =>
    (await stage.test.database.query('select seen_commit, seen_deployed from sites where id = $1', [stage.site.id]))[0]

  /** The branch is asked for, and the deploy that this asks for, if any, is run to its end. */
  async function ask(meanwhile: () => Promise<unknown> = async () => {}) {
    const due = { id: stage.site.id, team_id: stage.ctx.team.id }
    await reconcileSite(stage.test.services, due, new AbortController().signal)
    await meanwhile()
    const [deploy] = await stage.test.database.query<{ number: number; operation_id: string }>(
      'select number, operation_id from deploys order by number desc limit 1',
    )
    await stage.runOperation(deploy?.operation_id ?? '')
    return stage.find(deploy?.number ?? 0)
  }

  it('ends by itself where no file that counts was changed, and is not asked for again', async () => {
    const head = await stage.repository.commit({ message: 'Docs', files: { 'docs/a.md': 'a' } })

    const deploy = await ask()

    expect(deploy).toMatchObject({
      status: 'cancelled',
      message: 'Nothing had to be deployed. It changes none of the files that count. It changes docs/a.md',
      commit_sha: null,
    })
    expect(await seen()).toEqual({ seen_commit: head, seen_deployed: false })
    expect((await ask()).number).toBe(deploy.number)
    expect((await stage.visit()).text).toContain('one')
  })

  it('ends by itself where every commit asks for that, wherever in its message', async () => {
    await stage.repository.commit({ message: 'Words\n\n[skip ci]', files: page('two') })
    await stage.repository.commit({ message: 'More words [Skip Deploy]', files: page('three') })

    expect(await ask()).toMatchObject({
      status: 'cancelled',
      message: 'Nothing had to be deployed. The commit asks not to be deployed. Each commit message says [Skip Deploy]',
    })
  })

  it('goes on where one of several commits counts, though the newest does not', async () => {
    await stage.repository.commit({ message: 'Sell more', files: page('four') })
    await stage.repository.commit({ message: 'Docs [skip ci]', files: { 'docs/a.md': 'b' } })

    expect(await ask()).toMatchObject({ status: 'succeeded', message: null })
    expect((await stage.visit()).text).toContain('four')
  })

  it('goes on where somebody has asked for it while it waited', async () => {
    await stage.repository.commit({ message: 'Docs', files: { 'docs/a.md': 'c' } })
    const push = () => stage.ctx.transaction((tx) => ensureDeploy(tx, stage.site.slug, { by: 'push' }))

    expect(await ask(push)).toMatchObject({ status: 'succeeded', message: null })
  })

  it('goes on in place of one that somebody has asked for', async () => {
    const exactly = await stage.repository.head()
    await stage.ctx.transaction((tx) => requestDeploy(tx, stage.site.slug, { commit: exactly }))
    await stage.repository.commit({ message: 'Docs', files: { 'docs/a.md': 'e' } })

    expect(await ask()).toMatchObject({ status: 'succeeded', message: null })
  })

  it('goes on where a commit has no message', async () => {
    await stage.repository.commit({ message: 'Words [skip ci]', files: page('five') })
    const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com']
    await stage.repository.git(...author, 'commit', '-q', '--allow-empty', '--allow-empty-message', '-m', '')
    await stage.repository.git('push', '-q', 'origin', 'main')

    expect(await ask()).toMatchObject({ status: 'succeeded', message: null })
  })

  it('goes on where the commit that was seen last is gone', async () => {
    await stage.repository.commit({ message: 'Docs', files: { 'docs/a.md': 'd' } })
    await set({ seen_commit: 'f'.repeat(40) })

    expect(await ask()).toMatchObject({ status: 'succeeded', message: null })
  })
})

import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWork, type Work } from '../../jobs/work.js'
import { createAuthorizer } from '../../server/authorizer.js'
import { connect } from '../../server/connections/connections.js'
import { bullClasses } from '../../server/platform/queue/backend.js'
import { deliverTo } from '../support/deliver.js'
import { moveMain, prepareCommits } from '../support/many-commits.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { needs } from '../support/parts.js'
import { pushOf } from '../support/push-world.js'
import { eventually } from '../support/sites.js'
import { app, type Stage, startStage } from '../support/stage.js'

describe.skipIf(!needs('git', 'runsv'))('500 pushes to one site', () => {
  let folder: string
  let stage: Stage
  let panel: TestPanel
  let work: Work
  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'hostler-many-'))
    chmodSync(folder, 0o755)
    stage = await startStage({
      auto_deploy: true,
      reconcile_at: new Date(Date.now() + 3600_000),
      // The first deploy is still there when the last push comes, however slow this machine is.
      build_command: `until [ -e ${folder}/all-came ]; do sleep 0.1; done`,
    })
    const { services, database } = stage.test
    panel = await startTestPanel({ services, authorizer: createAuthorizer(services) })
    work = startWork(services, bullClasses({ kind: 'postgres', loginUrl: database.loginUrl }), stage.parts)
  })
  afterAll(async () => {
    await work.stop()
    await panel.close()
    await stage.stop()
    rmSync(folder, { recursive: true })
  })

  it('R25: half of them once the first deploy has its commit, make two deploys, and the last commit is live', async () => {
    const { repository, test } = stage
    const { query } = test.database
    const { secret } = await connect(stage.ctx, { repositoryUrl: repository.httpUrl, host: 'github' })
    const commits = prepareCommits(repository, 500, (number) => app(`number-${number}`))
    const atOnce = (some: readonly string[]) =>
      Promise.all(
        some.map(async (after) => {
          moveMain(repository, after)
          const body = pushOf({ after, repository: { clone_url: repository.httpUrl } })
          return (await deliverTo(panel.url, secret.reveal(), body)).status
        }),
      )
    const deploys = () => query('select number, commit_sha from deploys where folded_into is null order by number')

    const answers = await atOnce(commits.slice(0, 250))
    await eventually('the first deploy to have its commit', async () => (await deploys())[0]?.commit_sha)
    answers.push(...(await atOnce(commits.slice(250))))
    const waiting = 'select 1 from webhook_deliveries where outcome is null'
    await eventually('all to be judged', async () => (await query(waiting)).length === 0, 30_000)
    writeFileSync(join(folder, 'all-came'), '')
    await eventually('the second deploy', async () => (await deploys())[1]?.commit_sha, 30_000)
    const open = "select 1 from operations where status in ('queued', 'running')"
    await eventually('the end of both', async () => (await query(open)).length === 0, 30_000)

    expect(new Set(answers)).toEqual(new Set([202]))
    expect(await deploys()).toEqual([
      { number: 1, commit_sha: commits[249] },
      { number: 2, commit_sha: commits[499] },
    ])
    expect((await stage.visit()).text).toMatch(/^number-499 /)
    // One that is judged when the first deploy has just its commit needs no other.
    const verdicts = await query<{ verdict: string }>('select verdict from delivery_verdicts')
    expect(verdicts).toHaveLength(500)
    expect(verdicts.filter(({ verdict }) => verdict === 'deployed')).toHaveLength(2)
    expect(verdicts.filter(({ verdict }) => verdict === 'folded').length).toBeGreaterThanOrEqual(497)
  })
})

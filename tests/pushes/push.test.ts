import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWork, type Work } from '../../jobs/work.js'
import { createAuthorizer } from '../../server/authorizer.js'
import { connect } from '../../server/connections/connections.js'
import { bullClasses } from '../../server/platform/queue/backend.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { tellOfPushes } from '../support/push-hook.js'
import { eventually } from '../support/sites.js'
import { app, type Stage, startStage } from '../support/stage.js'

let stage: Stage
let panel: TestPanel
let work: Work | undefined
beforeAll(async () => {
  stage = await startStage({ auto_deploy: true })
  const { services } = stage.test
  panel = await startTestPanel({ services, authorizer: createAuthorizer(services) })
  const { secret } = await connect(stage.ctx, { repositoryUrl: stage.repository.httpUrl, host: 'github' })
  await tellOfPushes(stage.repository, { url: `${panel.url}/webhooks/github`, secret: secret.reveal() })
  await stage.test.database.query("update sites set reconcile_at = now() + interval '1 hour'")
  work = startWorker()
}, 60_000)
afterAll(async () => {
  await work?.stop()
  await panel.close()
  await stage.stop()
})

const startWorker = () =>
  startWork(stage.test.services, bullClasses({ kind: 'postgres', loginUrl: stage.test.database.loginUrl }), stage.parts)

const visitorsSee = (word: string) =>
  eventually(
    `visitors to see ${word}`,
    async () => {
      const { text } = await stage.visit().catch(() => ({ text: '' }))
      return text.startsWith(`${word} `)
    },
    40_000,
  )

describe('git push', () => {
  it('on the branch puts its commit before visitors; on another branch it is only told of', async () => {
    await stage.repository.commit({ files: app('two'), message: 'Say two' })
    await visitorsSee('two')

    await stage.repository.commit({ files: app('three'), branch: 'other' })
    const verdicts = await eventually(
      'the second verdict',
      async () => {
        const rows = await stage.test.database.query('select verdict from delivery_verdicts order by judged_at')
        return rows.length === 2 && rows
      },
      40_000,
    )

    expect(verdicts).toEqual([{ verdict: 'deployed' }, { verdict: 'other-branch' }])
    expect((await stage.visit()).text).toMatch(/^two /)
    expect(await stage.test.database.query('select requested_by from deploys')).toEqual([
      { requested_by: 'octocat (push)' },
    ])
  })

  it('while no worker runs is deployed once there is one', async () => {
    await work?.stop()
    await stage.repository.commit({ files: app('four') })
    const waiting = await stage.test.database.query('select 1 from webhook_deliveries where outcome is null')

    work = startWorker()
    await visitorsSee('four')

    expect(waiting).toHaveLength(1)
  })
})

import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { reconcileBranchesHandler } from '../../jobs/pushes/reconcile-branches.js'
import { createAuthorizer } from '../../server/authorizer.js'
import { connect } from '../../server/connections/connections.js'
import { openDatabase } from '../../server/platform/db/doors.js'
import { minutes } from '../support/clock.js'
import { deliverTo, timed } from '../support/deliver.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { needs } from '../support/parts.js'
import { pushOf } from '../support/push-world.js'
import { app, type Stage, startStage } from '../support/stage.js'
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js'

describe.skipIf(!needs('git', 'runsv'))('PostgreSQL is away', () => {
  let postgres: TcpProxy
  let stage: Stage
  let panel: TestPanel
  let secret = ''
  beforeAll(async () => {
    stage = await startStage({ auto_deploy: true, reconcile_at: new Date(Date.now() + minutes(5)) })
    const { services, database } = stage.test
    const url = new URL(database.loginUrl)
    postgres = await startTcpProxy(Number(url.port))
    url.port = String(postgres.port)
    await services.db.close()
    const config = { ...services.config, gitProtocols: stage.git.protocols }
    Object.assign(services, { db: openDatabase(url.href), config })
    panel = await startTestPanel({ services, authorizer: createAuthorizer(services) })
    secret = (await connect(stage.ctx, { repositoryUrl: stage.repository.httpUrl, host: 'github' })).secret.reveal()
    await stage.deploy()
  })
  afterAll(async () => {
    await panel.close()
    await stage.test.services.db.close()
    await postgres.stop()
    await stage.stop()
  })

  const deliver = (after: string) =>
    timed(() => deliverTo(panel.url, secret, pushOf({ after, repository: { clone_url: stage.repository.httpUrl } })))

  it('R10: a push is refused at once, and deployed within five minutes once it is back', async () => {
    expect((await deliver(await stage.repository.head())).status).toBe(202)
    const { services, database } = stage.test
    const inFlight = Array.from({ length: 30 }, () => deliver('a'.repeat(40)))
    await Promise.race(inFlight)
    await postgres.refuse(true)

    const after = await stage.repository.commit({ files: app('two') })
    const answers = await Promise.all(Array.from({ length: 30 }, () => deliver(after)))
    const cutOff = (await Promise.all(inFlight)).filter(({ status }) => status !== 202)
    const page = await timed(() => fetch(`${panel.url}/sign-in`))

    for (const { status, ms } of [...cutOff, ...answers, page]) {
      expect(status).toBe(503)
      expect(ms).toBeLessThan(5000)
    }
    await postgres.refuse(false)
    expect((await fetch(`${panel.url}/sign-in`)).status).toBe(200)
    const kept = await database.query(
      'select 1 from webhook_deliveries where position(convert_to($1, $2) in body) > 0',
      [...[after, 'UTF8']],
    )
    expect(kept).toEqual([])

    const { clock } = services
    Object.assign(services, { clock: () => new Date(Date.now() + minutes(5)) })
    await reconcileBranchesHandler.run({}, { services, signal: new AbortController().signal })
    Object.assign(services, { clock })
    const deploy = await stage.find(2)
    await stage.runOperation(deploy.operation_id)

    expect(deploy.requested_by).toBe('Hostler')
    expect((await stage.visit()).text).toMatch(/^two /)
    expect((await deliver(after)).status).toBe(202)
  })
})

import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { startWork, type Work } from '../../jobs/work.js'
import { createAuthorizer } from '../../server/authorizer.js'
import { connect } from '../../server/connections/connections.js'
import { bullClasses, openQueues } from '../../server/platform/queue/backend.js'
import { createQueue } from '../../server/platform/queue/queue.js'
import { deliverTo, timed } from '../support/deliver.js'
import { startTestPanel, type TestPanel } from '../support/panel.js'
import { needs } from '../support/parts.js'
import { pushOf } from '../support/push-world.js'
import { redisStore } from '../support/queue-stores.js'
import { startRedis, type TestRedis } from '../support/redis.js'
import { eventually } from '../support/sites.js'
import { app, type Stage, startStage } from '../support/stage.js'

describe.skipIf(!needs('git', 'runsv', 'redis'))('Redis is stopped', () => {
  let redis: TestRedis
  let stage: Stage
  let panel: TestPanel
  let work: Work
  let secret = ''
  const said: string[] = []
  beforeAll(async () => {
    redis = await startRedis()
    stage = await startStage({ auto_deploy: true, reconcile_at: new Date(Date.now() + 3600_000) })
    const { services } = stage.test
    const bull = bullClasses(redisStore(redis))
    await services.queue.close()
    const queue = createQueue(openQueues(bull))
    const log = pino({ level: 'warn' }, { write: (line: string) => void said.push(line) })
    Object.assign(services, { queue, log })
    panel = await startTestPanel({ services, authorizer: createAuthorizer(services) })
    secret = (await connect(stage.ctx, { repositoryUrl: stage.repository.httpUrl, host: 'github' })).secret.reveal()
    work = startWork(services, bull, stage.parts)
  })
  afterAll(async () => {
    await work.stop()
    await panel.close()
    await stage.stop()
    await redis.stop()
  })

  /** A commit that GitHub tells of. */
  async function push(word: string) {
    const after = await stage.repository.commit({ files: app(word) })
    const body = pushOf({ after, repository: { clone_url: stage.repository.httpUrl } })
    return timed(() => deliverTo(panel.url, secret, body))
  }
  const seen = async () => (await stage.visit().catch(() => ({ text: 'nothing' }))).text.split(' ')[0]
  const visitorsSee = (word: string) =>
    eventually(`visitors to see ${word}`, async () => (await seen()) === word, 30_000)
  const waiting = () => stage.test.database.query('select 1 from webhook_deliveries where outcome is null')

  it('WH-12: a push is answered within a second and kept, and deployed once Redis is back', async () => {
    await push('two')
    await visitorsSee('two')

    await redis.stop()
    const { status, ms } = await push('three')
    expect(status).toBe(202)
    expect(ms).toBeLessThan(1000)
    const lost = () => said.filter((line) => line.includes('could not ring')).length
    await eventually('both rings for it to be lost', async () => lost() >= 2)
    expect(await waiting()).toHaveLength(1)

    redis = await startRedis(redis.port)
    await visitorsSee('three')
    expect(await waiting()).toEqual([])
  })
})

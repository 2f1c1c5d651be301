import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bullClasses, openQueues } from '../../server/platform/queue/backend.js'
import { createQueue } from '../../server/platform/queue/queue.js'
import { expectNothingLeft, expectServed, type FaultStage, startFaultStage } from '../support/fault-stage.js'
import { needs } from '../support/parts.js'
import { redisStore } from '../support/queue-stores.js'
import { startRedis, type TestRedis } from '../support/redis.js'
import { visitedApp } from '../support/visitors.js'

describe.skipIf(!needs('git', 'runsv', 'sshd', 'redis'))('Redis is emptied', { timeout: 90_000 }, () => {
  let stage: FaultStage
  let redis: TestRedis
  let client: Redis
  beforeAll(async () => {
    redis = await startRedis()
    client = new Redis(redis.url)
    stage = await startFaultStage({ build_command: 'sleep 1' })
    const bull = bullClasses(redisStore(redis))
    await stage.test.services.queue.close()
    const queue = createQueue(openQueues(bull))
    Object.assign(stage.test.services, { queue })
    await stage.worker({ REDIS_URL: redis.url })
  }, 90_000)
  afterAll(async () => {
    await stage?.stop()
    client.disconnect()
    await redis.stop()
  })

  it('R06: under a deploy that runs and one that waits: both end, and what comes round comes round again', async () => {
    await stage.repository.commit({ files: visitedApp('two') })
    const running = await stage.request()
    await stage.reach(running, 'Build')
    await stage.repository.commit({ files: visitedApp('three') })
    const waiting = await stage.request()

    await client.flushall()

    expect(await stage.ended(running)).toMatchObject({ status: 'succeeded', message: null })
    expect(await stage.ended(waiting)).toMatchObject({ status: 'succeeded', message: null })
    await expect.poll(() => stage.visitors.paths[0]?.at(-1)).toBe('three')
    expectServed(stage.visitors, 'one', 'two', 'three')
    await expectNothingLeft(stage)
  })
})

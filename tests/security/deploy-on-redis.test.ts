import { Redis } from 'ioredis'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { bullClasses, openQueues } from '../../server/platform/queue/backend.js'
import { createQueue } from '../../server/platform/queue/queue.js'
import { needs } from '../support/parts.js'
import { redisStore } from '../support/queue-stores.js'
import { startRedis, type TestRedis } from '../support/redis.js'
import { eventually } from '../support/sites.js'
import { type Stage, startStage } from '../support/stage.js'
import { startWorker, type WorkerProcess } from '../support/worker-process.js'
import { startCanaries } from './canaries.js'
import { hostileSite } from './hostile-site.js'
import { allRows } from './rows.js'
import { watchProcesses } from './watch-processes.js'

const { touch, made, remove } = startCanaries()
afterAll(remove)
const hostile = hostileSite({ touch })

describe.skipIf(!needs('git', 'runit', 'root', 'sshd', 'redis'))('the same deploy with the queue in Redis', () => {
  let redis: TestRedis
  let clients: Redis[]
  let stage: Stage
  let worker: WorkerProcess
  let isTold: (line: string) => boolean
  /** Every command that anybody sends to Redis, scripts' own ones too. */
  const sent: string[] = []
  const processes = watchProcesses(50)

  beforeAll(async () => {
    redis = await startRedis()
    const asking = new Redis(redis.url)
    const watching = await asking.monitor()
    watching.on('monitor', (_time: string, words: string[]) => sent.push(words.join(' ')))
    clients = [asking, watching]
    stage = await startStage(hostile.columns)
    const bull = bullClasses(redisStore(redis))
    await stage.test.services.queue.close()
    const queue = createQueue(openQueues(bull))
    Object.assign(stage.test.services, { queue })
    await hostile.prepare(stage)
    isTold = hostile.isTold(stage)
    processes.start()
    worker = await startWorker(stage.test, { REDIS_URL: redis.url, HOSTLER_LOG_LEVEL: 'trace' })

    const { number } = await stage.request()
    const ended = await eventually(
      'the deploy ends',
      async () => {
        const deploy = await stage.find(number)
        return deploy.status !== 'queued' && deploy.status !== 'running' && deploy
      },
      60_000,
    )
    expect([ended.status, ended.message], worker.said()).toEqual(['succeeded', null])
  }, 120_000)
  afterAll(async () => {
    processes.stop()
    await worker?.kill()
    await stage?.stop()
    for (const client of clients) client.disconnect()
    await redis.stop()
  })

  it('CI-03: runs nothing, and gives the program every value', async () => {
    expect((await stage.visit()).text).toBe(hostile.answer)
    expect(made()).toEqual([])
  })

  it('LG-01: tells Redis no secret, in no command and in nothing that stays there', async () => {
    const [client] = clients
    const keys = (await client?.keys('*')) ?? []
    const dumps = await Promise.all(keys.map(async (key) => (await client?.dumpBuffer(key))?.toString('latin1') ?? ''))

    expect(sent.filter((line) => line.includes('run-operation')).length).toBeGreaterThan(0)
    expect(keys.length).toBeGreaterThan(0)
    expect([...sent, ...keys, ...dumps].filter((text) => isTold(text))).toEqual([])
  })

  it('LG-01: leaves no secret in the log of the worker and in no row', async () => {
    const rows = Object.values(await allRows({ test: stage.test.database })).flat()

    expect(worker.said()).toContain('operation ended')
    expect([...worker.said().split('\n'), ...rows].filter((text) => isTold(text))).toEqual([])
    expect((await stage.log(await stage.find(1))).join('\n')).toContain('built with •••')
  })

  it('LG-03: shows no secret in any command line', () => {
    expect(processes.lines.size).toBeGreaterThan(20)
    expect([...processes.lines].filter((line) => isTold(line))).toEqual([])
  })
})

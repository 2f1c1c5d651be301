import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TeamCtx } from '../../server/platform/access/ctx.js'
import { newId } from '../../server/platform/ids.js'
import { declareOperation } from '../../server/platform/operations/declare.js'
import { requestOperation } from '../../server/platform/operations/request.js'
import { type BullClasses, bullClasses, openQueues, type QueueStore } from '../../server/platform/queue/backend.js'
import { makeOperation } from '../support/deploys.js'
import { needs } from '../support/parts.js'
import { redisStore } from '../support/queue-stores.js'
import { startRedis } from '../support/redis.js'
import { type TestServices, testServices } from '../support/services.js'
import { startWorker, type WorkerProcess } from '../support/worker-process.js'
import { startCanaries } from './canaries.js'
import { allRows } from './rows.js'

const { touch, made, remove } = startCanaries()
afterAll(remove)

const ours = declareOperation({ kind: 'ours', input: { thingId: z.uuid() }, steps: [{ name: 'Do it' }] })

describe.each([
  ['PostgreSQL', []],
  ['Redis', ['redis']],
] as const)('a worker whose queue in %s was written to by somebody else', (kind, parts) => {
  describe.skipIf(!needs(...parts))('QT-01', () => {
    let test: TestServices
    let worker: WorkerProcess
    let bull: BullClasses
    let stopStore = async () => {}

    beforeAll(async () => {
      test = await testServices()
      let store: QueueStore = { kind: 'postgres', loginUrl: test.database.loginUrl }
      if (kind === 'Redis') {
        const redis = await startRedis()
        stopStore = redis.stop
        store = redisStore(redis)
        worker = await startWorker(test, { REDIS_URL: redis.url })
      } else worker = await startWorker(test)
      bull = bullClasses(store)
    }, 60_000)
    afterAll(async () => {
      await worker?.kill()
      await test.close()
      await stopStore()
    })

    it('runs nothing that no row asks for, changes no row, and goes on with its own work', async () => {
      const { database, services, team } = test
      const rival = { id: newId() }
      await database.query("insert into teams values ($1, 'rival', 'Rival', now())", [rival.id])
      const ended = await makeOperation(database, rival, { status: 'succeeded', kind: 'remove-site' })
      const failed = await makeOperation(database, team, { status: 'failed', kind: 'deploy' })
      const before = await rows(test)
      const raw = openQueues(bull)

      // What has ended in any team, and what is not there: the row is asked, and there is nothing to do.
      for (const { id } of [ended, failed, { id: newId() }])
        await raw.operations.add('run-operation', { operationId: id })
      // More than an id, less than an id, and no name that we know.
      const id = failed.id
      const command = touch('a')
      await raw.operations.add('run-operation', { operationId: id, command })
      await raw.operations.add('run-operation', { operationId: id, kind: 'deploy', input: { command } })
      await raw.operations.add('run-operation', { operationId: `$(${touch('b')})` })
      await raw.operations.add('run-operation', JSON.parse(`{"operationId":"${id}","__proto__":{"isRoot":true}}`))
      await raw.operations.add(`sh -c "${touch('c')}"`, { operationId: id })
      await raw.operations.add('constructor', {})
      await raw.short.add('prune-sessions', { everything: true })

      // Six of the jobs are refused; those of rows that want nothing are done at once.
      const refused = async () => [
        (await raw.operations.getJobCounts('failed')).failed,
        (await raw.short.getJobCounts('failed')).failed,
      ]
      const open = async () => Object.values(await raw.operations.getJobCounts('wait', 'active', 'delayed'))
      await expect.poll(open, { timeout: 30_000 }).toEqual([0, 0, 0])
      await expect.poll(refused, { timeout: 30_000 }).toEqual([6, 1])
      expect(await rows(test)).toEqual(before)
      expect(made()).toEqual([])

      const ctx = TeamCtx.system(services, team)
      const next = await ctx.transaction((tx) =>
        requestOperation(tx, ours, { input: { thingId: newId() }, subject: `thing:${newId()}`, title: 'Ours' }),
      )
      const message = async () =>
        (await database.query<{ message: string }>('select message from operations where id = $1', [next]))[0]?.message
      await raw.operations.add('run-operation', { operationId: next })
      await expect.poll(message, { timeout: 30_000 }).toBe('This version of Hostler does not know ours')
      await raw.operations.close()
      await raw.short.close()
    }, 120_000)
  })
})

/** But when a worker was last heard, which it says by itself. */
async function rows({ database }: TestServices) {
  const { workers: _, ...rest } = await allRows({ test: database })
  return rest
}

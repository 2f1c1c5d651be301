import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { newId } from '../../../server/platform/ids.js'
import { type BullClasses, bullClasses, openQueues } from '../../../server/platform/queue/backend.js'
import { declareJob } from '../../../server/platform/queue/job.js'
import { createQueue, type Queue } from '../../../server/platform/queue/queue.js'
import { handleJob, startWorkers, type Workers } from '../../../server/platform/queue/worker.js'
import type { Services } from '../../../server/platform/services.js'
import { needs } from '../../support/parts.js'
import { queueStores } from '../../support/queue-stores.js'

const ping = declareJob({ name: 'ping', payload: { siteId: z.uuid() }, lane: 'short', attempts: 2, timeoutMs: 5000 })

const once = declareJob({ name: 'once', payload: { siteId: z.uuid() }, lane: 'short', attempts: 1, timeoutMs: 5000 })

for (const [name, open, parts] of queueStores) {
  describe.skipIf(!needs(...parts))(`the queue on ${name}`, () => {
    let stop: () => Promise<void>
    let bull: BullClasses
    let queue: Queue
    let workers: Workers
    const seen: string[] = []
    let failFirst = false
    let failed = 0

    beforeAll(async () => {
      const opened = await open()
      stop = opened.stop
      bull = bullClasses(opened.store)
      queue = createQueue(openQueues(bull))
      const handler = handleJob(ping, async ({ siteId }) => {
        seen.push(siteId)
        if (failFirst && seen.length === 1) throw new Error('first try')
      })
      const failing = handleJob(once, async () => {
        failed++
        throw new Error('always')
      })
      workers = startWorkers({ log: pino({ level: 'silent' }) } as Services, bull, [handler, failing])
    })
    afterAll(async () => {
      await workers.stop()
      await queue.close()
      await stop()
    })

    it('brings a payload to its handler', async () => {
      const siteId = newId()
      await queue.enqueue(ping, { siteId })

      await expect.poll(() => seen, { timeout: 5000 }).toContain(siteId)
    })

    it('tries again after a failure', async () => {
      seen.length = 0
      failFirst = true
      const siteId = newId()
      await queue.enqueue(ping, { siteId })

      await expect.poll(() => seen, { timeout: 8000 }).toEqual([siteId, siteId])
    })

    it('R09: brings the next one with the same key, after one that failed for good', async () => {
      const siteId = newId()
      await queue.enqueue(once, { siteId }, { key: 'one' })
      await expect.poll(() => failed, { timeout: 5000 }).toBe(1)

      await expect
        .poll(
          async () => {
            await queue.enqueue(once, { siteId }, { key: 'one' })
            return failed
          },
          { timeout: 5000 },
        )
        .toBeGreaterThan(1)
    })

    it('QT-02: refuses a payload that is more than ids', async () => {
      const siteId = newId()

      await expect(queue.enqueue(ping, { siteId, command: 'rm' } as never)).rejects.toThrow(/command/)
      await expect(queue.enqueue(ping, { siteId: '; rm -rf /' })).rejects.toThrow(/UUID/i)
    })

    it('QT-01: runs nothing for a forged job', async () => {
      seen.length = 0
      const raw = bull.makeQueue('short')
      await raw.add('ping', { siteId: newId(), command: 'id' })
      await raw.add('unknown', { siteId: newId() })

      await expect.poll(async () => (await raw.getJobCounts('failed')).failed, { timeout: 5000 }).toBe(2)
      await raw.close()
      expect(seen).toEqual([])
    })
  })
}

import { describe, expect, it } from 'vitest'
import { bullClasses, openQueues } from '../../../server/platform/queue/backend.js'
import { declareJob } from '../../../server/platform/queue/job.js'
import { createQueue } from '../../../server/platform/queue/queue.js'
import { handleJob, startWorkers } from '../../../server/platform/queue/worker.js'
import { needs } from '../../support/parts.js'
import { queueStores } from '../../support/queue-stores.js'
import { testServices } from '../../support/services.js'

const often = declareJob({ name: 'often', payload: {}, lane: 'short', attempts: 1, timeoutMs: 5000 })
const daily = declareJob({ name: 'daily', payload: {}, lane: 'short', attempts: 1, timeoutMs: 5000 })

for (const [name, open, parts] of queueStores) {
  describe.skipIf(!needs(...parts))(`recurring jobs on ${name}`, () => {
    it('come round again and again, and stop when they are no longer wanted', async () => {
      const { store, stop } = await open()
      const bull = bullClasses(store)
      const queues = openQueues(bull)
      const queue = createQueue(queues)
      const test = await testServices()
      let runs = 0
      const workers = startWorkers(test.services, bull, [handleJob(often, async () => void runs++)])

      const wanted = [
        { job: often, everyMs: 200 },
        { job: daily, everyMs: 86_400_000 },
      ]
      await queue.schedule(wanted)
      await queue.schedule(wanted)
      await expect.poll(() => runs, { timeout: 8000 }).toBeGreaterThan(2)
      await queue.schedule([{ job: daily, everyMs: 3_600_000 }])

      const known = await queues.short.getJobSchedulers(0, -1)
      expect(known.map(({ key, every }) => [key, Number(every)])).toEqual([['daily', 3_600_000]])
      await workers.stop()
      await queue.close()
      await test.close()
      await stop()
    })
  })
}

import { handleJob } from '../../server/platform/queue/worker.js'
import { reconcileBranches } from '../../server/pushes/jobs.js'
import { type Answers, reconcileSite, takeDueSites } from '../../server/pushes/pushes.js'

/** Each is a sign-in to a Git host; more at once would look like an attack to some. */
const atOnce = 10
const batch = 100

export const reconcileBranchesHandler = handleJob(reconcileBranches, async (_payload, { services, signal }) => {
  for (;;) {
    const due = await takeDueSites(services, batch)
    const answers: Answers = new Map()
    const askNext = async (): Promise<void> => {
      for (let site = due.shift(); site && !signal.aborted; site = due.shift())
        await reconcileSite(services, site, signal, answers)
    }
    const isLast = due.length < batch
    await Promise.all(Array.from({ length: Math.min(atOnce, due.length) }, askNext))
    if (isLast || signal.aborted) return
  }
})

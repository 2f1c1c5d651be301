import type { Services } from '../platform/services.js'
import { judgeDeliveries } from './jobs.js'

const againAfterMs = 1000

/**
 * Rings for whoever decides on deliveries: at once, and once more a second later. One job decides on all that wait, so
 * that a flood is answered before it is worked on; the second ring is for what came meanwhile, and for what came when that
 * job had just looked for the last time. A lost ring is not a lost delivery: the next round finds the rows, and the host
 * does not wait for the queue.
 */
export function makeBell(services: Services): () => void {
  let again: NodeJS.Timeout | undefined
  const ring = () =>
    void services.queue
      .enqueue(judgeDeliveries, {}, { key: 'waiting' })
      .catch((error) => services.log.warn({ err: error }, 'could not ring for deliveries'))
  return () => {
    if (again) return
    ring()
    again = setTimeout(() => {
      again = undefined
      ring()
    }, againAfterMs).unref()
  }
}

import { verifyAll } from '../platform/events/verify.js'
import type { Services } from '../platform/services.js'

/** Walks every chain of the event log. `isWhole` is false when anything in it was altered, removed or cut off. */
export async function verifyEvents(services: Services): Promise<{ isWhole: boolean; lines: string[] }> {
  const verdicts = await verifyAll(services.db)
  const lines = verdicts.map(([teamId, verdict]) =>
    verdict.ok
      ? `${teamId}  whole, ${verdict.events} events`
      : `${teamId}  BROKEN at event ${verdict.sequence}: ${verdict.why}`,
  )
  return { isWhole: verdicts.every(([, verdict]) => verdict.ok), lines }
}

import { type Known, verifyLog } from '../audit/audit.js'
import { outsideTeams } from '../platform/events/event.js'
import { maybeTeam } from '../platform/operations/runner-queries.js'
import type { Services } from '../platform/services.js'

/** Walks every chain of the event log. `isWhole` is false when anything in it was altered, removed or cut off. */
export async function verifyAudit(
  services: Services,
  known: Known = {},
): Promise<{ isWhole: boolean; lines: string[] }> {
  const { verdicts, refused, anchors } = await verifyLog(services, known)
  const lines: string[] = []
  for (const [teamId, verdict] of verdicts) {
    const name = await nameOf(services.db, teamId)
    if (!verdict.ok) lines.push(`${name}  BROKEN at event ${verdict.sequence}: ${verdict.why}`)
    else lines.push(`${name}  whole, ${verdict.events} events${verdict.since ? ` since number ${verdict.since}` : ''}`)
  }
  for (const { name, why } of refused) lines.push(`${name}  NOT BELIEVED: ${why}`)
  if (lines.length > 0) lines.push(`Checked against ${anchors} anchor${anchors === 1 ? '' : 's'}.`)
  return { isWhole: refused.length === 0 && verdicts.every(([, verdict]) => verdict.ok), lines }
}

/** A team that is gone has its chain still. */
async function nameOf(db: Services['db'], teamId: string): Promise<string> {
  if (teamId === outsideTeams) return 'outside teams'
  const team = await db.asSystem((trx) => maybeTeam(trx, teamId))
  return team?.slug ?? teamId
}

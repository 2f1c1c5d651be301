import type { TeamsRow } from '../platform/db/tables.js'
import { no, type Verdict, yes } from '../platform/verdict.js'

const day = 24 * 60 * 60_000

/** So long may an owner think better of it. */
export const undoDays = 7
export const undoMs = undoDays * day

/** A site that could not be removed is tried again so much later. */
export const retryMs = 60 * 60_000

/** So long is a server waited for that cannot be reached; then what is on it is left behind, and the log says so. */
export const patienceMs = 3 * day

type Known = Pick<TeamsRow, 'delete_after' | 'removal_begun_at'>

export const deletionCan = {
  undo(team: Known): Verdict {
    if (!team.delete_after) return no('The team is not being deleted')
    return team.removal_begun_at ? no('The seven days are over, and its sites are being removed') : yes
  },
}

/** Whether to ask for a site's removal now: not while it is going, and not right after it failed. */
export const isDue = (lastFailed: Date | null, now: Date): boolean =>
  lastFailed === null || now.getTime() - lastFailed.getTime() >= retryMs

export const isGivenUp = (begun: Date, now: Date): boolean => now.getTime() - begun.getTime() >= patienceMs

import type { SupportGrantsRow } from '../platform/db/tables.js'
import { no, type Verdict, yes } from '../platform/verdict.js'

export const longestHours = 8

/** The team is asked, or the panel's policy says yes, and the team can read that it does. */
export type SupportMode = 'consent' | 'policy'

type Known = Pick<SupportGrantsRow, 'allowed_at' | 'ends_at' | 'entered_at' | 'ended_at' | 'session_hash'>

export type SupportState = 'asked' | 'allowed' | 'inside' | 'over'

export function stateOf(grant: Known, now: Date): SupportState {
  if (grant.ended_at !== null || (grant.ends_at !== null && grant.ends_at <= now)) return 'over'
  if (grant.allowed_at === null) return 'asked'
  if (grant.entered_at === null) return 'allowed'
  // Signed out: the visit is over, and another one has to be asked for.
  return grant.session_hash === null ? 'over' : 'inside'
}

export const supportCan = {
  allow: (state: SupportState): Verdict => (state === 'asked' ? yes : no('It was answered already, or is over')),
  enter: (state: SupportState): Verdict =>
    state === 'allowed' ? yes : no('The team has not allowed it, or it is over'),
}

import type { EventsRow } from '../db/tables.js'

/**
 * The event log: what happened, to what, by whom. Every change of state appends one in its own transaction, and audit,
 * activity, notifications and webhooks only read it.
 */
export interface NewEvent {
  type: EventType
  /** Its name as of now; left out: what `data` calls `name` or `title`. */
  subject: { kind: string; id: string | null; name?: string | null }
  /**
   * Small facts, never a secret and never a value of somebody's environment: of those a fingerprint. What was changed
   * stands in `before` and `after`.
   */
  data?: Record<string, unknown>
}

/** Filled in where each type gets its sentence for people, so that none can be appended without one. */
// biome-ignore lint/suspicious/noEmptyInterface: others add to it
export interface EventTypes {}

/** noun.verb-in-the-past: `site.created`. */
export type EventType = keyof EventTypes

/** As `EventTypes`, of what belongs to no team. */
// biome-ignore lint/suspicious/noEmptyInterface: others add to it
export interface OutsideEventTypes {}

/** Outside any team, where the operator alone is told of it. */
export type OutsideEvent = Omit<NewEvent, 'type'> & {
  type: keyof OutsideEventTypes | EventType
  /** From where it was asked; left out: by nobody from outside. */
  address?: string | null
}

/** As it is written down, but for its own hash. */
export type ChainedEvent = Omit<EventsRow, 'hash'>

/** The chain of what happens outside any team: setup, sign-ins. */
export const outsideTeams = '00000000-0000-0000-0000-000000000000'

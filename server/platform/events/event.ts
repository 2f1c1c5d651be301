import { createHash } from 'node:crypto'
import type { EventsRow } from '../db/tables.js'

/**
 * The event log: what happened, to what, by whom. Every change of state appends one in its own transaction, and audit,
 * activity, notifications and webhooks only read it.
 */
export interface NewEvent {
  type: EventType
  subject: { kind: string; id: string | null }
  /** Small facts, never a secret and never a value of somebody's environment. */
  data?: Record<string, unknown>
}

/** Filled in where each type gets its sentence for people, so that none can be appended without one. */
// biome-ignore lint/suspicious/noEmptyInterface: others add to it
export interface EventTypes {}

/** noun.verb-in-the-past: `site.created`. */
export type EventType = keyof EventTypes

/** Outside any team, where nobody's feed tells of it. */
export type OutsideEvent = Omit<NewEvent, 'type'> & { type: `${string}.${string}` }

/** As it is written down, but for its own hash. */
export type ChainedEvent = Omit<EventsRow, 'hash'>

/** The chain of what happens outside any team: setup, sign-ins. */
export const outsideTeams = '00000000-0000-0000-0000-000000000000'

export const firstHash = Buffer.alloc(32)

/** Covers every column and the hash before it, so that no row can be altered, removed or put elsewhere unseen. */
export function hashOf(event: ChainedEvent): Buffer {
  const fields = [
    event.id,
    event.team_id,
    event.sequence,
    event.type,
    event.actor_kind,
    event.actor_id,
    event.actor_name,
    event.subject_kind,
    event.subject_id,
    sorted(event.data),
    event.at.toISOString(),
    event.previous_hash.toString('hex'),
  ]
  return createHash('sha256').update(JSON.stringify(fields)).digest()
}

/** jsonb does not keep the order of keys, so the hash must not depend on it. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(
    Object.entries(value)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}

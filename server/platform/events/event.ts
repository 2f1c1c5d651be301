import { createHash } from 'node:crypto'
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

/** Outside any team, where nobody's feed tells of it. */
export type OutsideEvent = Omit<NewEvent, 'type'> & {
  type: `${string}.${string}`
  /** From where it was asked; left out: by nobody from outside. */
  address?: string | null
}

/** As it is written down, but for its own hash. */
export type ChainedEvent = Omit<EventsRow, 'hash'>

/** The chain of what happens outside any team: setup, sign-ins. */
export const outsideTeams = '00000000-0000-0000-0000-000000000000'

export const firstHash = Buffer.alloc(32)

/**
 * Covers every column and the hash before it, so that no row can be altered, removed or put elsewhere unseen. The two
 * last ones came later: rows from before have neither, and keep the hash that they were written with.
 */
export function hashOf(event: ChainedEvent): Buffer {
  const { address, subject_name: subjectName } = event
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
    ...(address === null && subjectName === null ? [] : [address, subjectName]),
  ]
  return createHash('sha256').update(JSON.stringify(fields)).digest()
}

/** jsonb does not keep the order of keys, so the hash must not depend on it. */
export function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  // Without a prototype, `__proto__` is a key as any other.
  const inOrder: Record<string, unknown> = Object.create(null)
  // `as`: an object has such entries.
  for (const key of Object.keys(value).sort()) inOrder[key] = sorted((value as Record<string, unknown>)[key])
  return inOrder
}

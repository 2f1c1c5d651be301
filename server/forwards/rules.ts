import type { EventsRow } from '../platform/db/tables.js'

/** What is sent of an event; the same for all kinds. `number` tells a receiver what it has already. */
export const messageOf = (event: EventsRow) => ({
  ...{ id: event.id, team: event.team_id, number: event.sequence, at: event.at.toISOString(), type: event.type },
  actor: { kind: event.actor_kind, id: event.actor_id, name: event.actor_name },
  subject: { kind: event.subject_kind, id: event.subject_id, name: event.subject_name },
  ...{ address: event.address, data: event.data, hash: event.hash.toString('hex') },
})

/** Facility 13, log audit; severity 4 for what was refused, 5 for the rest. */
const priorityOf = (type: string): number => 13 * 8 + (/refused|denied|failed/.test(type) ? 4 : 5)

/**
 * One message as RFC 5424 has it, in the frame of RFC 5425: its length in bytes before it. The whole event is the text,
 * as JSON, which has no line ends of its own.
 */
export function syslogFrame(event: EventsRow, host: string): Buffer {
  const parts = [`<${priorityOf(event.type)}>1`, event.at.toISOString(), printable(host, 255), 'hostler', '-']
  const about = [
    ['id', event.id],
    ['team', event.team_id],
    ['number', String(event.sequence)],
    ['actor', event.actor_name],
    ['address', event.address ?? ''],
  ].map(([name = '', value = '']) => `${name}="${value.replace(/["\\\]]/g, '\\$&')}"`)
  const text = `${parts.join(' ')} ${printable(event.type, 32)} [event@32473 ${about.join(' ')}] \uFEFF${JSON.stringify(messageOf(event))}`
  const bytes = Buffer.from(text)
  return Buffer.concat([Buffer.from(`${bytes.length} `), bytes])
}

const printable = (text: string, most: number): string => text.replace(/[^!-~]/g, '_').slice(0, most) || '-'

const [soonestMs, latestMs] = [5000, 30 * 60_000]

/** The first try again is soon, and the later ones ever later. */
export const retryAfterMs = (failures: number): number =>
  Math.min(latestMs, soonestMs * 2 ** Math.min(failures - 1, 20))

import { isId } from '../platform/ids.js'
import type { Filter } from './queries.js'
import type { AuditFilters } from './schema.js'

const dayMs = 24 * 3600_000

/** What was asked for, as the database is asked. */
export function filterOf(query: AuditFilters, knownTypes: readonly string[]): Filter {
  const { person, act, kind, thing, from, to, address, words } = query
  const isById = thing !== undefined && isId(thing)
  return {
    person: person ?? null,
    types: act === undefined ? null : typesOf(act, knownTypes),
    kind: kind ?? null,
    subject: isById ? thing : null,
    named: thing === undefined || isById ? null : thing,
    since: from === undefined ? null : new Date(from),
    until: to === undefined ? null : new Date(new Date(to).getTime() + dayMs),
    address: address ?? null,
    words: words === undefined ? null : wordsOf(words),
  }
}

/** A whole group is meant by the word before the point. */
function typesOf(act: string, known: readonly string[]): string[] {
  const group = known.filter((type) => type.startsWith(`${act}.`))
  return group.length > 0 ? group : [act]
}

/** Letters and digits alone, so that nothing is an operator of the search. Null: no word at all, which finds all. */
function wordsOf(text: string): string | null {
  const words = text.match(/[\p{L}\p{N}]+/gu) ?? []
  return words.length === 0 ? null : words.map((word) => `${word}:*`).join(' & ')
}

const columns = [
  ...['at', 'sequence', 'type', 'actor_kind', 'actor_name', 'actor_id', 'address', 'subject_kind', 'subject_name'],
  ...['subject_id', 'data', 'hash'],
] as const

type Exported = Record<(typeof columns)[number], unknown> & { at: Date; hash: Buffer; data: unknown }

export const csvHeader = `${columns.join(',')}\r\n`

export const csvLine = (event: Exported): string => {
  const { at, hash, data } = event
  const cells = { ...event, at: at.toISOString(), hash: hash.toString('hex'), data: JSON.stringify(data) }
  return `${columns.map((column) => cell(cells[column])).join(',')}\r\n`
}

/** A spreadsheet must not take what somebody wrote for a formula (XT-10). */
function cell(value: unknown): string {
  if (value === null || value === undefined) return ''
  const text = String(value)
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

export function jsonLine(event: Exported): string {
  const picked = Object.fromEntries(columns.map((column) => [column, event[column]]))
  return `${JSON.stringify({ ...picked, hash: event.hash.toString('hex') })}\n`
}

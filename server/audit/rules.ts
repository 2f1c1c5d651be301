import { isId } from '../platform/ids.js'
import type { ExportedEvent, Filter } from './queries.js'
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

export const csvHeader = `${columns.join(',')}\r\n`

export const csvLine = (event: ExportedEvent): string => `${columns.map((column) => cell(event[column])).join(',')}\r\n`

/** A spreadsheet must not take what somebody wrote for a formula (XT-10). */
function cell(value: string | number | Date | null): string {
  if (value === null) return ''
  if (typeof value === 'number') return String(value)
  if (value instanceof Date) return value.toISOString()
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}

/** `data` is JSON already. */
export const jsonLine = (event: ExportedEvent): string =>
  `{${columns.map((column) => `"${column}":${column === 'data' ? event.data : JSON.stringify(event[column])}`).join(',')}}\n`

import { hash } from 'node:crypto'
import { lineFields } from './chain-queries.js'
import { sorted } from './event.js'

/** What verifying needs of a row: its own hash as it is kept, and as it should be, in hex. */
export interface Rehashed {
  sequence: number
  hash: string
  previousHash: string
  expected: string
}

/**
 * Hashes a line of `chainLines` as `hashOf` does its row. What somebody wrote may hold the sign between the fields: then
 * `expected` is empty, and the row itself has to be asked.
 */
export function rehash(line: string): Rehashed {
  const fields = line.split('\x1f')
  const [sequence, own = '', previous = ''] = fields
  const expected = fields.length === lineFields ? hash('sha256', textOf(fields)) : ''
  return { sequence: Number(sequence), hash: own, previousHash: previous, expected }
}

function textOf(fields: readonly string[]): string {
  const [sequence, , previous, id, team, type = '', actorKind = '', actorId = '', ...rest] = fields
  const [actorName = '', subjectKind = '', subjectId = '', data = '', at = '', address = '', subjectName = ''] = rest
  const actor = `${json(actorKind)},${idJson(actorId)},${json(actorName)}`
  const what = `${json(type)},${actor},${json(subjectKind)},${idJson(subjectId)},${canonical(data)}`
  const later = address === '' && subjectName === '' ? '' : `,${maybeJson(address)},${maybeJson(subjectName)}`
  return `["${id}","${team}",${sequence},${what},"${isoTime(at)}","${previous}"${later}]`
}

const json = (text: string): string => (plain.test(text) ? `"${text}"` : JSON.stringify(text))
const plain = /^[\w .:@-]*$/

const idJson = (id: string): string => (id === '' ? 'null' : `"${id}"`)

const maybeJson = (text: string): string => (text === '' ? 'null' : json(text.slice(1)))

/** As `hashOf` orders it. Most data are a few plain facts, which need not be parsed for that. */
const canonical = (data: string): string => plainFacts(data) ?? JSON.stringify(sorted(JSON.parse(data)))

/** Of facts that JavaScript writes in the same way as PostgreSQL, but for their order and its spaces; undefined for others. */
function plainFacts(data: string): string | undefined {
  if (data === '{}') return data
  if (data.includes('\\')) return undefined
  const facts: string[] = []
  for (let from = 1; from < data.length; ) {
    const keyEnd = data.indexOf('"', from + 1)
    const end = plainKey.test(data.slice(from + 1, keyEnd)) ? endOfValue(data, keyEnd + 3) : undefined
    if (end === undefined) return undefined
    insert(facts, `${data.slice(from, keyEnd + 1)}:${data.slice(keyEnd + 3, end)}`)
    from = end + 2
  }
  return `{${facts.join(',')}}`
}

/** One that objects keep in the order in which it was written, made of nothing that comes before the sign at its end. */
const plainKey = /^[a-zA-Z]\w*$/

/** Behind a text without escapes, or a number or word that is written in one way only. */
function endOfValue(data: string, from: number): number | undefined {
  if (data[from] === '"') return data.indexOf('"', from + 1) + 1
  const comma = data.indexOf(',', from)
  const end = comma === -1 ? data.length - 1 : comma
  return simple.test(data.slice(from, end)) ? end : undefined
}

const simple = /^(?:-?[1-9]\d{0,14}|0|true|false|null)$/

/** By the key: facts are a handful. */
function insert(facts: string[], fact: string): void {
  let place = facts.length
  for (let before = facts[place - 1]; before !== undefined && before > fact; before = facts[place - 1]) {
    facts[place] = before
    place--
  }
  facts[place] = fact
}

/** As `toISOString` writes it, of what PostgreSQL writes; finer than a millisecond is no time that was appended. */
function isoTime(at: string): string {
  const fraction = at.slice(20)
  return fraction.length > 3 ? at : `${at.slice(0, 10)}T${at.slice(11, 19)}.${fraction.padEnd(3, '0')}Z`
}

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
function canonical(data: string): string {
  if (data === '{}') return data
  const pairs: [key: string, text: string][] = []
  pair.lastIndex = 1
  for (let found = pair.exec(data); found; found = pair.exec(data)) {
    pairs.push([found[1] ?? '', `"${found[1]}":${found[2]}`])
    if (pair.lastIndex === data.length)
      return `{${pairs
        .sort(byKey)
        .map(([, text]) => text)
        .join(',')}}`
  }
  return JSON.stringify(sorted(JSON.parse(data)))
}

/** As PostgreSQL writes them: keys that are ordered by their letters, and values that JavaScript writes in the same way. */
const pair = /"([a-zA-Z]\w*)": ("(?:[^"\\]|\\["\\bfnrt])*"|-?[1-9]\d{0,14}|0|true|false|null)(?:, |\}$)/y

const byKey = ([a]: [string, string], [b]: [string, string]): number => (a < b ? -1 : 1)

/** As `toISOString` writes it, of what PostgreSQL writes; finer than a millisecond is no time that was appended. */
function isoTime(at: string): string {
  const fraction = at.slice(20)
  return fraction.length > 3 ? at : `${at.slice(0, 10)}T${at.slice(11, 19)}.${fraction.padEnd(3, '0')}Z`
}

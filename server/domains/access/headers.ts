import { z } from 'zod'
import { UserError } from '../../platform/errors.js'

/** Headers that somebody wants on every answer of a site. */

export const Header = z.object({ name: z.string(), value: z.string() })
export type Header = z.output<typeof Header>

const most = 30
const longestName = 100
const longestValue = 4000

/** What they do belongs to the connection, to the answer itself, or to an option of its own. */
const refused: Readonly<Record<string, string>> = {
  'strict-transport-security': 'it is “HSTS” on the page of the domains',
  ...Object.fromEntries(
    ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade', 'alt-svc'].map((name) => [
      name,
      'it is about the connection',
    ]),
  ),
  ...Object.fromEntries(
    ['content-length', 'content-type', 'content-encoding', 'content-range', 'date', 'location', 'retry-after'].map(
      (name) => [name, 'it is another one for each answer'],
    ),
  ),
  'set-cookie': 'it would take away the cookies of the site',
  'www-authenticate': 'passwords are set above',
}

const startsRefused = /^(proxy-|sec-websocket-)/

/**
 * One a line, as `Name: value`.
 * @throws UserError that says what is wrong, and in which line
 */
export function parseHeaders(text: string): Header[] {
  const lines = text.split(/\r\n?|\n/).map((line) => line.trim())
  const headers = lines.flatMap((line, index) => (line === '' ? [] : [parseLine(line, index + 1)]))
  if (headers.length > most) throw new UserError(422, `A site can have ${most} headers`)
  const names = headers.map(({ name }) => name.toLowerCase())
  const twice = names.find((name, index) => names.indexOf(name) !== index)
  if (twice !== undefined) throw new UserError(422, `${twice} is there twice`)
  return headers
}

function parseLine(line: string, number: number): Header {
  const [, name = '', value = ''] = /^([A-Za-z][A-Za-z0-9-]*)[ \t]*:[ \t]*(.+)$/.exec(line) ?? []
  if (name === '') throw new UserError(422, `Line ${number} is not as in “X-Robots-Tag: noindex”`)
  if (name.length > longestName) throw new UserError(422, `The name in line ${number} is too long`)
  const why = startsRefused.test(name.toLowerCase()) ? 'it is about the connection' : refused[name.toLowerCase()]
  if (why !== undefined) throw new UserError(422, `${name} cannot be set: ${why}`)
  if (!/^[\x20-\x7e]+$/.test(value)) throw new UserError(422, `The value of ${name} has signs that no header can have`)
  if (value.length > longestValue)
    throw new UserError(422, `The value of ${name} is longer than ${longestValue} characters`)
  return { name, value }
}

export const headersText = (headers: readonly Header[]): string =>
  headers.map(({ name, value }) => `${name}: ${value}`).join('\n')

/** A column of JSON was written by us, and is parsed like anything else. */
export const headersOf = (front: { headers: unknown } | undefined): Header[] =>
  z.array(Header).parse(front?.headers ?? [])

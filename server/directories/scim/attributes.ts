import { ScimFault } from '../../platform/http/scim-fault.js'

/** Values of a body, whose names are the same however they are written (RFC 7643, 2.1). Throws `ScimFault`. */
export type Attributes = ReadonlyMap<string, unknown>

const core = /^urn:ietf:params:scim:schemas:core:2\.0:(?:user|group):/

/** What an attribute is called by us: in small letters, without the schema that it is of anyway. */
export const nameOf = (text: string): string => text.toLowerCase().replace(core, '')

export function attributesOf(value: unknown, what = 'The body'): Attributes {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new ScimFault('invalidSyntax', `${what} has to be an object`)
  return new Map(Object.entries(value).map(([name, inner]) => [nameOf(name), inner]))
}

/** One or many: some send a single thing where a list is meant. */
export const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? value : value == null ? [] : [value])

/** Null for what is left empty or taken away. */
export function textOf(name: string, value: unknown, most = 255): string | null {
  if (value === undefined || value === null || value === '') return null
  if (typeof value !== 'string') throw new ScimFault('invalidValue', `${name} has to be a text`)
  const text = value.trim()
  if (text.length > most) throw new ScimFault('invalidValue', `${name} has at most ${most} characters`)
  if (/[\p{Cc}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Surrogate}]/u.test(text))
    throw new ScimFault('invalidValue', `${name} holds characters that cannot be kept`)
  return text === '' ? null : text
}

export function neededText(name: string, value: unknown, most?: number): string {
  const text = textOf(name, value, most)
  if (text === null) throw new ScimFault('invalidValue', `${name} has to be given`)
  return text
}

/** Entra writes "False". */
export function booleanOf(name: string, value: unknown): boolean {
  const word = typeof value === 'string' ? value.toLowerCase() : value
  if (word === true || word === 'true') return true
  if (word === false || word === 'false') return false
  throw new ScimFault('invalidValue', `${name} has to be true or false`)
}

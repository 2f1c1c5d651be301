import { type Filter, parse } from 'scim2-parse-filter'
import { ScimFault } from '../../platform/http/scim-fault.js'
import { nameOf } from './attributes.js'

/** RFC 7644, 3.4.2.2, as far as we can look for it: what remains is known to have a column for each field. */
export type Condition =
  | { readonly kind: 'compare'; readonly field: string; readonly op: Op; readonly value: Value }
  | { readonly kind: 'present'; readonly field: string }
  | { readonly kind: 'and' | 'or'; readonly parts: readonly Condition[] }
  | { readonly kind: 'not'; readonly part: Condition }

export type Op = 'eq' | 'ne' | 'co' | 'sw' | 'ew'
export type Value = string | number | boolean | null

const ops: ReadonlySet<string> = new Set(['eq', 'ne', 'co', 'sw', 'ew'] satisfies Op[])
const mostCharacters = 1000

/** @throws ScimFault for what is no filter, and for attributes that nothing is looked for by */
export function conditionOf(text: string, fields: ReadonlySet<string>): Condition {
  return checked(parsed(text), fields, '')
}

/**
 * Of no other filter is the parser's time known: between quotes it tries every way to read a line break, so with thirty of
 * them it would never end. JSON, which the texts in a filter are written in, has none.
 */
export function parsed(text: string): Filter {
  if (text.length > mostCharacters || /\p{Cc}/u.test(text)) throw refused('It is too long, or holds control characters')
  try {
    return parse(text)
  } catch (cause) {
    throw new ScimFault('invalidFilter', 'The filter cannot be read', undefined, { cause })
  }
}

function checked(filter: Filter, fields: ReadonlySet<string>, prefix: string): Condition {
  switch (filter.op) {
    case 'and':
    case 'or':
      return { kind: filter.op, parts: filter.filters.map((part) => checked(part, fields, prefix)) }
    case 'not':
      return { kind: 'not', part: checked(filter.filter, fields, prefix) }
    case '[]':
      return checked(filter.valFilter, fields, `${nameOf(filter.attrPath)}.`)
    case 'pr':
      return { kind: 'present', field: fieldOf(filter.attrPath, fields, prefix) }
    default: {
      const { op, attrPath, compValue } = filter
      if (!ops.has(op)) throw refused(`It cannot be asked with ${op}`)
      return { kind: 'compare', field: fieldOf(attrPath, fields, prefix), op: op as Op, value: compValue } // `as`: it is one of `ops`
    }
  }
}

function fieldOf(attribute: string, fields: ReadonlySet<string>, prefix: string): string {
  const field = prefix + nameOf(attribute)
  if (!fields.has(field)) throw refused(`Nothing is looked for by ${attribute.slice(0, 80)}`)
  return field
}

const refused = (why: string) => new ScimFault('invalidFilter', `This filter cannot be used. ${why}`)

import type { z } from 'zod'
import { UserError } from '../errors.js'

/**
 * The query string by the route's schema. Throws 400 for names that the schema does not have, for a name that comes
 * twice, for values that the schema refuses and for bytes that are not UTF-8 (Express would hand on arrays and objects).
 */
export function readQuery(url: string, schema: z.ZodObject | undefined): Record<string, unknown> {
  const text = url.split('?').slice(1).join('?')
  refuseBadUtf8(text)
  const values: Record<string, string> = {}
  for (const [name, value] of new URLSearchParams(text)) {
    if (!schema || !Object.hasOwn(schema.shape, name)) throw refused(`There is no parameter ${show(name)} here`)
    if (Object.hasOwn(values, name)) throw refused(`The parameter ${show(name)} was given twice`)
    if (value.includes('\0')) throw refused(`The parameter ${show(name)} holds a character that cannot be used`)
    values[name] = value
  }
  if (!schema) return {}
  const parsed = schema.safeParse(values)
  if (parsed.success) return parsed.data
  const first = parsed.error.issues[0]
  throw refused(`The parameter ${show(String(first?.path[0] ?? ''))} cannot be used: ${first?.message ?? ''}`)
}

/** Path parameters, decoded by Express. Lists (wildcards) and NUL are no names of anything. */
export function readParams(raw: Record<string, string | string[]>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(raw).map(([name, value]) => {
      if (typeof value !== 'string' || value.includes('\0')) throw new UserError(404, 'There is no such page')
      return [name, value]
    }),
  )
}

function refuseBadUtf8(text: string): void {
  try {
    decodeURIComponent(text)
  } catch (cause) {
    throw new UserError(400, 'The address cannot be read', 'Part of it is not valid UTF-8.', { cause })
  }
}

const refused = (message: string) => new UserError(400, message)
const show = (name: string) => `“${name.slice(0, 40)}”`

/**
 * Rows keep PostgreSQL's spelling from the query to the view; JSON has JavaScript's. They meet here, at the door, and
 * nowhere else. Only names of ours look like this, so keys that people chose (`MY_KEY`) stay as they are.
 */
const ours = /^[a-z][a-z0-9]*(_[a-z0-9]+)+$/

export const camelName = (name: string): string =>
  ours.test(name) ? name.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase()) : name

/** The same data with the names of its fields as JSON has them. */
export function camelKeys(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(camelKeys)
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [camelName(name), camelKeys(inner)]))
}

/** The same for a JSON schema, which also lists the names that are required. */
export function camelSchema(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(camelSchema)
  if (schema === null || typeof schema !== 'object') return schema
  return Object.fromEntries(
    Object.entries(schema).map(([word, inner]) => {
      if (word === 'required' && Array.isArray(inner)) return [word, inner.map(camelName)]
      if (word === 'properties') return [word, camelProperties(inner)]
      return [word, camelSchema(inner)]
    }),
  )
}

const camelProperties = (properties: object): object =>
  Object.fromEntries(Object.entries(properties).map(([name, inner]) => [camelName(name), camelSchema(inner)]))

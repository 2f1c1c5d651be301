import type { QueryConfig } from 'pg'

/**
 * PostgreSQL plans a statement each time it is sent, and for the small ones of a page that takes longer than to run
 * them. Under a name it is planned a few times for each connection and the plan is kept, unless each value is worth a
 * plan of its own (https://www.postgresql.org/docs/current/sql-prepare.html#SQL-PREPARE-NOTES).
 *
 * Where a plan depends on how many rows are asked for, write the number into the text: for a `limit` that is a
 * parameter PostgreSQL thinks of a tenth of the table, and then rather plans anew each time.
 */
const names = new Map<string, string>()

/** More than the code can ask; each connection keeps the plans of those that it has asked. */
const mostNames = 1_000

/** The same query under the name of its text. */
export function prepared(query: QueryConfig): QueryConfig {
  const name = names.get(query.text) ?? nameOf(query.text)
  return name === undefined ? query : { ...query, name }
}

function nameOf(text: string): string | undefined {
  if (names.size >= mostNames || givesAllColumns.test(text)) return undefined
  const name = `hostler_${names.size}`
  names.set(text, name)
  return name
}

/** A migration that adds a column under a running panel would make the kept plan fail: its result would be another. */
const givesAllColumns = /\b(select|returning) \*|\.\*/i

import type { TestDatabase } from '../support/database.js'
import type { World } from '../support/people.js'

/** Everything that the database holds, table by table, to tell whether a request changed anything. */
export type Rows = Readonly<Record<string, readonly string[]>>

/** When somebody was last seen may be written by any request. */
const seen = ['last_seen_at', 'last_used_at']

/** One statement a database, whose tables stay the same. */
const statements = new WeakMap<TestDatabase, Promise<string>>()

export async function allRows({ test }: Pick<World, 'test'>): Promise<Rows> {
  const statement = statements.get(test) ?? statementFor(test)
  statements.set(test, statement)
  const found = await test.query<{ name: string; rows: string[] }>(await statement)
  return Object.fromEntries(found.map(({ name, rows }) => [name, rows]))
}

async function statementFor(test: TestDatabase): Promise<string> {
  const tables = await test.query<{ name: string }>(
    `select relname as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`,
  )
  const without = seen.map((column) => ` - '${column}'`).join('')
  const parts = tables.map(
    ({ name }) =>
      `select '${name}' as name, coalesce(json_agg(row order by row), '[]') as rows
       from (select (to_jsonb(t)${without})::text as row from "${name}" t) as "${name}"`,
  )
  return parts.join(' union all ')
}

/** Every text of every row, whatever its column. */
export const textsIn = (rows: Rows): string[] =>
  Object.values(rows).flatMap((list) => list.flatMap((row) => Object.values(JSON.parse(row) as object).map(String)))

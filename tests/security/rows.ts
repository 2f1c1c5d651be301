import { type ChangedTables, changedTables } from '../support/changed-tables.js'
import type { TestDatabase } from '../support/database.js'
import type { World } from '../support/people.js'

/** Everything that the database holds, table by table, to tell whether a request changed anything. */
export type Rows = Readonly<Record<string, readonly string[]>>

/** That something was refused, or asked for, is counted, and changes nothing else; the heads of the chains come to the same. */
const told = ['refusals', 'quota_counts', 'event_heads']
const ofRefusals = `type in ('access.denied', 'request.forged', 'api-key.refused', 'delivery.refused', 'deploy-hook.refused')`

/** When somebody was last seen may be written by any request. */
const seen = ['last_seen_at', 'last_used_at']

/** What was read of a database, and what has to be read of it again. */
interface Known {
  readonly changed: ChangedTables
  rows: Rows
}

const known = new WeakMap<TestDatabase, Promise<Known>>()

export async function allRows({ test }: Pick<World, 'test'>): Promise<Rows> {
  const first = known.get(test) ?? readAll(test)
  known.set(test, first)
  const read = await first
  const names = await read.changed.names()
  read.rows = { ...read.rows, ...(await rowsOf(test, names)) }
  return read.rows
}

async function readAll(test: TestDatabase): Promise<Known> {
  const changed = await changedTables(test)
  const tables = await test.query<{ name: string }>(
    `select oid::regclass::text as name from pg_class
     where relnamespace = 'public'::regnamespace and relkind in ('r', 'p') and not relispartition order by 1`,
  )
  const names = tables.map(({ name }) => name)
  return { changed, rows: await rowsOf(test, names) }
}

async function rowsOf(test: TestDatabase, changed: readonly string[]): Promise<Rows> {
  const tables = changed.filter((name) => !told.includes(name))
  if (tables.length === 0) return {}
  const without = seen.map((column) => ` - '${column}'`).join('')
  const parts = tables.map(
    (name) =>
      `select '${name}' as name, coalesce(json_agg(row order by row), '[]') as rows
       from (select (to_jsonb(t)${without})::text as row from public.${name} t${name === 'events' ? ` where not ${ofRefusals}` : ''}) as of_one`,
  )
  const found = await test.query<{ name: string; rows: string[] }>(parts.join(' union all '))
  return Object.fromEntries(found.map(({ name, rows }) => [name, rows]))
}

/** Every text of every row, whatever its column. */
export const textsIn = (rows: Rows): string[] => Object.values(rows).flatMap(textsOf)

/** A table that was not written to is the same list as before. */
const parsed = new WeakMap<readonly string[], readonly string[]>()

function textsOf(list: readonly string[]): readonly string[] {
  const texts = parsed.get(list) ?? list.flatMap((row) => Object.values(JSON.parse(row) as object).map(String)) // `as`: rows are objects
  parsed.set(list, texts)
  return texts
}

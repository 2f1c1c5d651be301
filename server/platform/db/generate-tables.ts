import type { Knex } from 'knex'

interface Column {
  table: string
  name: string
  type: string
  nullable: boolean
  hasDefault: boolean
  words: string[] | null
}

const typeOf: Record<string, string> = {
  uuid: 'string',
  text: 'string',
  bool: 'boolean',
  int4: 'number',
  int8: 'number',
  float4: 'number',
  float8: 'number',
  numeric: 'string',
  timestamptz: 'Date',
  jsonb: 'unknown',
  bytea: 'Buffer',
  _text: 'string[]',
}

/**
 * The row types of every table, as TypeScript, read from a migrated database. The result is `tables.ts`; a test compares
 * the two, so that types and database cannot drift apart.
 */
export async function generateTables(knex: Knex): Promise<string> {
  const columns = await readColumns(knex)
  const tables = [...new Set(columns.map((column) => column.table))].sort()
  const rows = tables.map((table) =>
    rowType(
      table,
      columns.filter((column) => column.table === table),
    ),
  )
  const entries = tables.map(
    (table) =>
      `    ${table}: ${tableEntry(
        table,
        columns.filter((column) => column.table === table),
      )}`,
  )

  return `// Generated from the migrated database by \`npm run tables\`. Do not edit.
import type { Knex } from 'knex'

type Change<Row> = { [Column in keyof Row]?: Row[Column] | Knex.Raw }

type TableOf<Row, Generated extends keyof Row> = Knex.CompositeTableType<
  Row,
  Omit<Row, Generated> & Partial<Pick<Row, Generated>>,
  Change<Row>
>

${rows.join('\n\n')}

declare module 'knex/types/tables.js' {
  interface Tables {
${entries.join('\n')}
  }
}
`
}

/** A check of the form `column = ANY (ARRAY['a'::text, …])` is how PostgreSQL keeps `in ('a', …)`: the words of the column. */
async function readColumns(knex: Knex): Promise<Column[]> {
  const { rows } = await knex.raw<{ rows: (Omit<Column, 'words'> & { check: string | null })[] }>(`
    select c.table_name as table, c.column_name as name, c.udt_name as type, c.is_nullable = 'YES' as nullable,
      c.column_default is not null as "hasDefault",
      (select pg_get_constraintdef(k.oid) from pg_constraint k
        where k.contype = 'c' and k.conrelid = format('%I.%I', c.table_schema, c.table_name)::regclass
          and k.conkey = array[c.ordinal_position::smallint] and pg_get_constraintdef(k.oid) like '%= ANY (ARRAY[%') as check
    from information_schema.columns c
    where c.table_schema = 'public' and c.table_name not in ('migrations', 'migrations_lock')
      and not (select relispartition from pg_class where oid = format('%I.%I', c.table_schema, c.table_name)::regclass)
    order by c.table_name, c.ordinal_position`)
  return rows.map(({ check, ...column }) => ({
    ...column,
    words: check ? [...check.matchAll(/'([^']+)'::text/g)].map((match) => match[1] ?? '') : null,
  }))
}

const className = (table: string): string =>
  table
    .split('_')
    .map((part) => part[0]?.toUpperCase() + part.slice(1))
    .join('')

const rowType = (table: string, columns: Column[]): string =>
  `export interface ${className(table)}Row {\n${columns.map((column) => `  ${column.name}: ${columnType(column)}`).join('\n')}\n}`

function columnType(column: Column): string {
  const type = column.words ? column.words.map((word) => `'${word}'`).join(' | ') : typeOf[column.type]
  if (!type) throw new Error(`No TypeScript type is known for ${column.type} (${column.table}.${column.name})`)
  return column.nullable && type !== 'unknown' ? `${type} | null` : type
}

function tableEntry(table: string, columns: Column[]): string {
  const generated = columns.filter((column) => column.hasDefault || column.nullable).map((column) => `'${column.name}'`)
  return `TableOf<${className(table)}Row, ${generated.join(' | ') || 'never'}>`
}

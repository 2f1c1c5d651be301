import type { Transaction } from '../platform/db/doors.js'
import type { Condition, Op, Value } from './scim/filters.js'

/** What may be looked for, and how a statement says it. All of it is text, but what is true or false. */
export interface Field {
  readonly sql: string
  readonly kind: 'exact' | 'any case' | 'boolean'
  /** Of many rows one has to fit: `table where its condition`. */
  readonly among?: string
}

export type Fields = Readonly<Record<string, Field>>

export interface Where {
  readonly sql: string
  readonly values: readonly unknown[]
}

/** A part of a statement; `fields` has every field of the condition. */
export function whereOf(condition: Condition | null, fields: Fields): Where {
  if (condition === null) return { sql: 'true', values: [] }
  switch (condition.kind) {
    case 'and':
    case 'or': {
      const parts = condition.parts.map((part) => whereOf(part, fields))
      return {
        sql: `(${parts.map(({ sql }) => sql).join(` ${condition.kind} `)})`,
        values: parts.flatMap(({ values }) => values),
      }
    }
    case 'not': {
      const { sql, values } = whereOf(condition.part, fields)
      return { sql: `not coalesce(${sql}, false)`, values }
    }
    case 'present':
    case 'compare': {
      const field = fields[condition.field]
      if (!field) throw new Error(`No column for ${condition.field}`)
      const { sql, values } =
        condition.kind === 'present' ? present(field) : comparison(field, condition.op, condition.value)
      return { sql: field.among ? `exists (select from ${field.among} and ${sql})` : sql, values }
    }
  }
}

const present = ({ sql }: Field): Where => ({ sql: `${sql} is not null`, values: [] })

function comparison({ sql, kind }: Field, op: Op, value: Value): Where {
  if (kind === 'boolean') {
    const wanted = String(value).toLowerCase() === 'true'
    return { sql: `${sql} is ${op === 'ne' ? 'distinct' : 'not distinct'} from ?::boolean`, values: [wanted] }
  }
  const [column, text] = kind === 'any case' ? [`lower(${sql})`, String(value).toLowerCase()] : [sql, String(value)]
  switch (op) {
    case 'eq':
      return value === null ? { sql: `${sql} is null`, values: [] } : { sql: `${column} = ?`, values: [text] }
    case 'ne':
      return { sql: `${column} is distinct from ?`, values: [value === null ? null : text] }
    case 'co':
      return { sql: `position(? in ${column}) > 0`, values: [text] }
    case 'sw':
      return { sql: `starts_with(${column}, ?)`, values: [text] }
    case 'ew':
      return { sql: `right(${column}, length(?)) = ?`, values: [text, text] }
  }
}

/** The rows of a statement that was put together: knex counts its marks. */
export const rowsWhere = async <Row>(db: Transaction, sql: string, values: readonly unknown[]): Promise<Row[]> =>
  // `as`: what a statement answers is said by whoever wrote it, and all values are texts, numbers or booleans.
  ((await db.raw(sql, [...values] as string[])) as { rows: Row[] }).rows

import { z } from 'zod'
import { UserError } from '../errors.js'
import { Secret } from '../secret.js'
import type { Services } from '../services.js'

/** Lists go on from where the last page ended, not from a number of rows: new rows neither repeat nor hide old ones. */
export const pageQuery = z.object({
  cursor: z.string().max(500).optional().describe('Where to go on: `nextCursor` of the answer before'),
  limit: z.coerce.number().int().min(1).max(200).default(50).describe('At most this many items'),
})

export interface ListPage<Row> {
  readonly items: Row[]
  readonly nextCursor: string | null
}

/** The schema of a list's answer, for a route's `output`. */
export const listOf = <Item extends z.ZodType>(item: Item) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })

/** Whoever keeps the key that cursors are sealed with. */
interface Keeper {
  readonly services: Pick<Services, 'vault'>
  readonly team?: { readonly id: string }
}

/** Asks for one row more than `limit`; whether it comes tells if there is a next page, without counting. */
export function listPage<Row>(
  keeper: Keeper,
  rows: readonly Row[],
  limit: number,
  keyOf: (row: Row) => readonly unknown[],
): ListPage<Row> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last !== undefined ? encodeCursor(keeper, keyOf(last)) : null }
}

/** Sealed: it tells nothing of the row that an answer does not, none can be made up, and what lists are sorted by can change. */
export const encodeCursor = ({ services, team }: Keeper, key: readonly unknown[]): string =>
  services.vault.seal(new Secret(JSON.stringify(key)), placeOf(team))

/** The key inside a cursor; one of another team is none. Throws 400. */
export function decodeCursor<Key>(
  { services, team }: Keeper,
  cursor: string | undefined,
  key: z.ZodType<Key>,
): Key | null {
  if (cursor === undefined) return null
  try {
    return key.parse(JSON.parse(services.vault.open(cursor, placeOf(team)).reveal()))
  } catch (cause) {
    throw new UserError(400, 'The cursor cannot be read', 'Start again without one.', { cause })
  }
}

const placeOf = (team: Keeper['team']) => ({ table: 'lists', id: team?.id ?? 'none', column: 'cursor' })

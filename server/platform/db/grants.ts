import type { Knex } from 'knex'

/** Words for migrations: who may do what on a table, door by door. A table without such a line is out of reach. */

type Right = 'select' | 'insert' | 'update' | 'delete'

/** All four rights. */
export const all: readonly Right[] = ['select', 'insert', 'update', 'delete']

export interface TableAccess {
  /** The team's own rows, found by `team_id` under row-level security. */
  team?: readonly Right[]
  /**
   * For members who are shown single sites and servers: which of the team's rows those are, as a condition. Left out: the
   * table is out of their reach, and so are the pages that need it.
   */
  part?: { readonly rights: readonly Right[]; readonly sees: string }
  identity?: readonly Right[]
  system?: readonly Right[]
  operator?: readonly Right[]
  /** The column that names the team; `id` on the table of teams itself. */
  teamColumn?: string
}

export async function grant(knex: Knex, table: string, access: TableAccess): Promise<void> {
  await knex.raw('alter table ?? enable row level security', [table])
  for (const door of ['team', 'identity', 'system', 'operator'] as const) {
    const rights = access[door]
    if (!rights) continue
    await knex.raw(`grant ${rights.join(', ')} on ?? to ??`, [table, `hostler_${door}`])
    await policy(knex, table, door, access.teamColumn ?? 'team_id')
  }
  if (access.part) await grantPart(knex, table, access.part, access.teamColumn)
}

export async function grantPart(
  knex: Knex,
  table: string,
  { rights, sees }: NonNullable<TableAccess['part']>,
  teamColumn = 'team_id',
): Promise<void> {
  await knex.raw(`grant ${rights.join(', ')} on ?? to hostler_part`, [table])
  const condition = `?? = ${currentTeam} and (${sees})`
  await knex.raw(`create policy part on ?? to hostler_part using (${condition})`, [table, teamColumn])
}

/** For `part`: every row of the team. */
export const seesAll = 'true'

/** For `part`: the rows whose column names a site that the caller is shown. */
export const seesSite = (column: string, type?: 'text'): string => sees(column, 'hostler.sites', type)

/** For `part`: the same for servers. */
export const seesServer = (column: string, type?: 'text'): string => sees(column, 'hostler.servers', type)

/** Asked once for each statement: what is shown is a setting of the transaction (`server/platform/db/doors.ts`). */
const sees = (column: string, setting: string, type: 'uuid' | 'text' = 'uuid'): string =>
  `(select current_setting('${setting}', true)) = 'all' or ${column} in (
     select unnest(string_to_array(nullif(current_setting('${setting}', true), 'all'), ',')::${type}[]))`

/**
 * `nullif` turns the empty setting into no team at all, so a transaction without a team sees nothing. As a query of its
 * own it is asked once for each statement; else it would be for each row.
 */
export const currentTeam = `(select nullif(current_setting('hostler.team_id', true), '')::uuid)`

const policy = (knex: Knex, table: string, door: keyof TableAccess, column: string): Knex.Raw =>
  door === 'team'
    ? knex.raw(`create policy team on ?? to hostler_team using (?? = ${currentTeam})`, [table, column])
    : knex.raw('create policy ?? on ?? to ?? using (true)', [door, table, `hostler_${door}`])

import type { Knex } from 'knex'
import { connect } from './connect.js'
import type { DoorConfig } from './door-client.js'

/**
 * The ways into the database. The login role owns nothing and may read nothing by itself; a transaction steps through one
 * of four doors and has the rights of that door only, so a query that forgot its door is refused by PostgreSQL.
 *
 * - `inTeam`: one team's rows, by row-level security.
 * - `asIdentity`: who somebody is: people, sessions, memberships, keys. No hosting rows.
 * - `asSystem`: the worker's own bookkeeping over all teams: operations, leases, events, cursors, readings of servers.
 * - `asOperator`: every team's rows, for the operator's pages.
 */
export type Door = 'team' | 'identity' | 'system' | 'operator'

declare const door: unique symbol

/** A transaction that remembers which door it came through; the compiler keeps them apart. */
export type TransactionOf<D extends Door> = Knex.Transaction & { readonly [door]?: D }

/** Registers work for after the commit; it is dropped when the transaction rolls back. */
export type AfterCommit = (work: () => Promise<void>) => void

type Work<D extends Door, T> = (trx: TransactionOf<D>, afterCommit: AfterCommit) => Promise<T>

export interface Database {
  inTeam<T>(teamId: string, work: Work<'team', T>): Promise<T>
  asIdentity<T>(work: Work<'identity', T>): Promise<T>
  asSystem<T>(work: Work<'system', T>): Promise<T>
  asOperator<T>(work: Work<'operator', T>): Promise<T>
  /** Answers when the database does; throws when it does not. */
  ping(): Promise<void>
  close(): Promise<void>
}

const noTeam = ''

/**
 * Opens a pool under the login role.
 * @param url a PostgreSQL URL of the login role made by `ensureLogin`
 */
export function openDatabase(url: string, options: { maxConnections?: number } = {}): Database {
  const knex = connect(url, options.maxConnections ?? 10)

  return {
    inTeam: (teamId, work) => through(knex, 'team', teamId, work),
    asIdentity: (work) => through(knex, 'identity', noTeam, work),
    asSystem: (work) => through(knex, 'system', noTeam, work),
    asOperator: (work) => through(knex, 'operator', noTeam, work),
    ping: async () => void (await knex.raw('select 1')),
    close: () => knex.destroy(),
  }
}

async function through<D extends Door, T>(knex: Knex, name: D, teamId: string, work: Work<D, T>): Promise<T> {
  const later: (() => Promise<void>)[] = []

  const config: DoorConfig = { opening: opening(name, teamId) }
  const result = await knex.transaction((trx) => work(trx, (afterwards) => later.push(afterwards)), config)

  for (const afterwards of later) await afterwards()
  return result
}

/** Both settings last until the end of the transaction (`local`), so a pooled connection never keeps them. */
export function opening(name: Door, teamId: string): string {
  // It stands in the text, because a message with parameters holds one statement only.
  if (teamId !== noTeam && !uuid.test(teamId)) throw new Error('A team id is a UUID')
  return `set local role hostler_${name}; set local hostler.team_id = '${teamId}'`
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

import type { Knex } from 'knex'
import { openPool, openReaders, writeSql } from './connect.js'
import { makePlaces, type Places } from './places.js'
import { prepared } from './prepared.js'
import { type Connection, type Mode, transact } from './transact.js'

/**
 * The ways into the database. The login role owns nothing and may read nothing by itself; a transaction steps through one
 * of five doors and has the rights of that door only, so a query that forgot its door is refused by PostgreSQL.
 *
 * - `inTeam`: one team's rows, by row-level security.
 * - `inPart`: of those only the rows of single sites and servers, for a member who is shown no more.
 * - `asIdentity`: who somebody is: people, sessions, memberships, keys. No hosting rows.
 * - `asSystem`: the worker's own bookkeeping over all teams: operations, leases, events, cursors, readings of servers.
 * - `asOperator`: every team's rows, for the operator's pages.
 */
export type Door = 'team' | 'identity' | 'system' | 'operator'

declare const door: unique symbol

/** Queries in an open transaction, begun as knex begins them. Nothing in here can end it, or outlive it. */
export type Transaction = Knex['table'] &
  Pick<Knex, 'from' | 'raw'> & {
    /** The rows of a statement that is written out, with `$1` for the first value: for what every page asks. */
    rows<Row>(text: string, values: readonly unknown[]): Promise<Row[]>
    /** Registers work for the very end of the transaction, for what many wait for: it is held for no longer than that takes. */
    beforeCommit(work: () => Promise<void>): void
  }

/** A transaction that remembers which door it came through; the compiler keeps them apart. */
export type TransactionOf<D extends Door> = Transaction & { readonly [door]?: D }

/** Registers work for after the commit; it is dropped when the transaction rolls back. */
export type AfterCommit = (work: () => Promise<void>) => void

type Work<D extends Door, T> = (trx: TransactionOf<D>, afterCommit: AfterCommit) => Promise<T>

/** Ids of the only sites and servers whose rows there are, or all of the team's. */
export interface Seen {
  readonly sites: readonly string[] | 'all'
  readonly servers: readonly string[] | 'all'
  /** Whether there are the events of what is neither: people, roles, keys. */
  readonly eventsOfTeam: boolean
}

export interface Database {
  inTeam<T>(teamId: string, work: Work<'team', T>, mode?: Mode): Promise<T>
  /** The same queries as in a team find a part of its rows. A table that nobody thought of is refused. */
  inPart<T>(teamId: string, seen: Seen, work: Work<'team', T>, mode?: Mode): Promise<T>
  asIdentity<T>(work: Work<'identity', T>, mode?: Mode): Promise<T>
  /**
   * One question through the door of identities, on connections that stand in it for good: for who sent a request, which
   * each asks. To open and close a transaction for it would cost as much as its answer.
   */
  askIdentity<Row>(text: string, values: readonly unknown[]): Promise<Row[]>
  asSystem<T>(work: Work<'system', T>, mode?: Mode): Promise<T>
  asOperator<T>(work: Work<'operator', T>): Promise<T>
  /** Answers when the database does; throws when it does not. */
  ping(): Promise<void>
  close(): Promise<void>
}

const noTeam = ''
const keptFree = 3
const askingAtOnce = 2

/**
 * Opens a pool under the login role.
 * @param url a PostgreSQL URL of the login role made by `ensureLogin`
 */
export function openDatabase(
  url: string,
  { maxConnections = 10, patienceMs = 10_000 }: { maxConnections?: number; patienceMs?: number } = {},
): Database {
  const pool = openPool(url, maxConnections)
  const readers = openReaders(url, askingAtOnce, 'hostler_identity')
  // However slow the pages of teams are, there is a connection left for signing in, for webhooks and for health.
  const inPlace = makePlaces(Math.max(1, maxConnections - keptFree), patienceMs)
  const sql = writeSql()
  let closed: Promise<void> | undefined

  async function through<D extends Door, T>(
    opened: string,
    work: Work<D, T>,
    mode?: Mode,
    when: Places = (transaction) => transaction(),
  ): Promise<T> {
    const last: (() => Promise<void>)[] = []
    const later: (() => Promise<void>)[] = []

    async function begin(connection: Connection): Promise<T> {
      const result = await work(queriesOn(sql, connection, last), (afterwards) => later.push(afterwards))
      for (const finish of last) await finish()
      // Nobody would do what is registered later: to do so is an error.
      Object.freeze(last)
      return result
    }
    const result = await when(() => transact(pool, opened, begin, mode))

    for (const afterwards of later) await afterwards()
    return result
  }

  return {
    inTeam: (teamId, work, mode) => through(opening('team', teamId), work, mode, inPlace),
    inPart: (teamId, seen, work, mode) => through(openingOfPart(teamId, seen), work, mode, inPlace),
    asIdentity: (work, mode) => through(opening('identity', noTeam), work, mode),
    askIdentity: async <Row>(text: string, values: readonly unknown[]) =>
      // `as`: what a statement answers is said by whoever wrote it.
      (await readers.query(prepared({ text, values: [...values] }))).rows as Row[],
    asSystem: (work, mode) => through(opening('system', noTeam), work, mode),
    asOperator: (work) => through(opening('operator', noTeam), work, 'read write', inPlace),
    ping: async () => void (await pool.query('select 1')),
    // A signal and the end of the parent may both ask for it.
    close: () => {
      closed ??= Promise.all([pool.end(), readers.end()]).then(() => undefined)
      return closed
    },
  }
}

/** Not `knex.transaction`: it makes a whole knex for each transaction, which costs more than a small query. */
function queriesOn(sql: Knex, connection: Connection, last: (() => Promise<void>)[]): Transaction {
  // `as`: each has the parameters and the result of the function of knex that it calls.
  const from = ((table: string) => sql(table).connection(connection)) as Knex['table']
  const raw = ((...text: Parameters<Knex['raw']>) => sql.raw(...text).connection(connection)) as Knex['raw']
  return Object.assign(from, {
    from,
    raw,
    rows: <Row>(text: string, values: readonly unknown[]) => rowsOn<Row>(connection, text, values),
    beforeCommit: (work: () => Promise<void>) => void last.push(work),
  })
}

const rowsOn = <Row>(connection: Connection, text: string, values: readonly unknown[]): Promise<Row[]> =>
  new Promise((resolve, reject) =>
    connection.query({ text, values: [...values] }, (error, answer) =>
      // `as`: what a statement answers is said by whoever wrote it, as with `raw`.
      error ? reject(error) : resolve((answer as { rows: Row[] }).rows),
    ),
  )

/** Both settings last until the end of the transaction (`local`), so a pooled connection never keeps them. */
export function opening(name: Door | 'part', teamId: string): string {
  // It stands in the text, because a message with parameters holds one statement only.
  if (teamId !== noTeam && !uuid.test(teamId)) throw new Error('A team id is a UUID')
  return `set local role hostler_${name}; set local hostler.team_id = '${teamId}'`
}

function openingOfPart(teamId: string, { sites, servers, eventsOfTeam }: Seen): string {
  const settings = [
    `set local hostler.sites = '${listed(sites)}'; set local hostler.servers = '${listed(servers)}'`,
    `set local hostler.events_of_team = '${eventsOfTeam ? 'yes' : 'no'}'`,
  ].join('; ')
  return `${opening('part', teamId)}; ${settings}`
}

function listed(ids: readonly string[] | 'all'): string {
  if (ids === 'all') return ids
  if (!ids.every((id) => uuid.test(id))) throw new Error('An id is a UUID')
  return ids.join(',')
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/

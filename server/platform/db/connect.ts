import knexModule, { type Knex } from 'knex'
import pg from 'pg'

/** bigint columns (sequence and fence numbers, sizes in bytes) stay below 2^53, so they are read as numbers. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

/** Times of our centuries in UTC, which nearly all are, by what V8 itself can read: a list of fifty rows has a hundred of them. */
const anyTime = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ)
pg.types.setTypeParser(pg.types.builtins.TIMESTAMPTZ, (text) =>
  text[4] === '-' && text[10] === ' ' && text.endsWith('+00')
    ? new Date(`${text.slice(0, 10)}T${text.slice(11, -3)}Z`)
    : anyTime(text),
)

/** A pool on one URL. Waiting for a free connection is bounded, so an exhausted pool fails a request instead of hanging it. */
export function openPool(url: string, maxConnections: number): pg.Pool {
  const pool = new pg.Pool({
    ...{ connectionString: url, application_name: 'hostler', keepAlive: true },
    // What is asked at the same time (`Promise.all` in a transaction) is sent without waiting for the answer before.
    pipeline: true,
    ...{ max: maxConnections, connectionTimeoutMillis: 10_000, idleTimeoutMillis: 30_000 },
  })
  // What fails is thrown to whoever asked. Without these two, a connection that is lost would end the process.
  pool.on('error', () => undefined)
  pool.on('connect', (client) => client.on('error', () => undefined))
  return pool
}

/**
 * A pool whose connections have the rights of one role for as long as they live, and can change nothing. Should the role
 * be refused, they keep those of the login, which has none.
 */
export function openReaders(url: string, maxConnections: number, role: string): pg.Pool {
  const pool = openPool(url, maxConnections)
  const begun = `set role ${role}; set session characteristics as transaction read only`
  pool.on('connect', (client) => client.query(begun).catch(() => undefined))
  return pool
}

/** What fails is thrown to whoever asked; a second telling on the console is nobody's. */
const silent = { warn() {}, error() {}, deprecate() {}, debug() {} }

/** Writes the SQL of queries; they run on the connection that each is handed, and nowhere without one. */
export const writeSql = (): Knex => knexModule.default({ client: 'pg', log: silent })

/** knex on the owner's URL, for what is no team's work: migrations and the types of tables. */
export const connectOwner = (ownerUrl: string): Knex =>
  knexModule.default({ client: 'pg', connection: ownerUrl, log: silent, pool: { min: 0, max: 2 } })

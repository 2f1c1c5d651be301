import knexModule, { type Knex } from 'knex'
import pg from 'pg'
import { DoorClient } from './door-client.js'

/** bigint columns (sequence and fence numbers, sizes in bytes) stay below 2^53, so they are read as numbers. */
pg.types.setTypeParser(pg.types.builtins.INT8, Number)

/** What fails is thrown to whoever asked; a second telling on the console is nobody's. */
const silent = { warn() {}, error() {}, deprecate() {}, debug() {} }

/** A pool on one URL. Waiting for a free connection is bounded, so an exhausted pool fails a request instead of hanging it. */
export const connect = (url: string, maxConnections: number): Knex =>
  knexModule.default({
    client: DoorClient,
    connection: pipelined({ connectionString: url, application_name: 'hostler', keepAlive: true }),
    log: silent,
    pool: { min: 0, max: maxConnections, acquireTimeoutMillis: 10_000, idleTimeoutMillis: 30_000 },
  })

/** What is asked at the same time (`Promise.all` in a transaction) travels together. knex's types do not know the setting. */
const pipelined = (connection: Knex.PgConnectionConfig): Knex.PgConnectionConfig =>
  Object.assign(connection, { pipeline: true })

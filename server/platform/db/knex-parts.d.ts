/** Parts of knex that its own types leave out; `door-client.ts` alone uses them. The version is pinned. */
declare module 'knex/lib/dialects/postgres/index.js' {
  import { Knex } from 'knex'

  const PgClient: typeof Knex.Client
  export default PgClient
}

declare module 'knex/lib/dialects/postgres/execution/pg-transaction.js' {
  import type { Knex } from 'knex'
  import type { Client } from 'pg'
  export default class PgTransaction {
    constructor(client: Knex.Client, container: unknown, config: unknown, outer: unknown)
    begin(connection: Client): Promise<unknown>
    /** Undefined when it failed; the transaction is rejected then. */
    query(connection: Client, sql: string): Promise<unknown>
  }
}

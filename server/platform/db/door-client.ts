import type { Knex } from 'knex'
import PgTransaction from 'knex/lib/dialects/postgres/execution/pg-transaction.js'
import PgClient from 'knex/lib/dialects/postgres/index.js'
import type { Client } from 'pg'

/**
 * A request opens several transactions, and each message to PostgreSQL that is waited for costs as much as a small query.
 * knex sends `begin` by itself and waits; here it goes together with the door and the first query, in one packet. That is
 * safe because the connection is pipelined (`connect.ts`): PostgreSQL takes the messages in order, and when the door does
 * not open, it refuses what stands behind it.
 */
export class DoorClient extends PgClient {
  override transaction(container: unknown, config: DoorConfig, outer?: unknown): never {
    // `as`: knex awaits what its own class is; a subclass of it is that too.
    return new DoorTransaction(this, container, config, outer) as never
  }
}

/** What `knex.transaction` hands through. Savepoints inside have none. */
export interface DoorConfig extends Knex.TransactionConfig {
  /** Statements without parameters, sent right behind `begin`. */
  readonly opening?: string
}

/** knex drops a connection from its pool once this says why. */
type Pooled = Client & { connection: { stream: NodeJS.WritableStream }; __knex__disposed?: Error }

class DoorTransaction extends PgTransaction {
  readonly #opening: string

  constructor(client: DoorClient, container: unknown, config: DoorConfig, outer: unknown) {
    super(client, container, config, outer)
    this.#opening = config.opening ?? ''
  }

  /** Does not wait. A failure rejects the transaction with its reason, and nobody gets that connection again. */
  override async begin(connection: Pooled): Promise<void> {
    const { stream } = connection.connection
    stream.cork()
    // Promises are settled before the next tick, and so the first query is written by then.
    process.nextTick(() => stream.uncork())
    void this.query(connection, `begin;${this.#opening}`).then((answer) => {
      if (answer === undefined) connection.__knex__disposed = new Error('The transaction was not opened')
    })
  }
}

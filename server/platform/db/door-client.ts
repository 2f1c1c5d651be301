import type { Knex } from 'knex'
import PgTransaction from 'knex/lib/dialects/postgres/execution/pg-transaction.js'
import PgClient from 'knex/lib/dialects/postgres/index.js'

/**
 * knex sends `begin` by itself. Here the door goes with it in one message: a request opens several transactions, and each
 * message costs as much as a small query.
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

class DoorTransaction extends PgTransaction {
  readonly #opening: string

  constructor(client: DoorClient, container: unknown, config: DoorConfig, outer: unknown) {
    super(client, container, config, outer)
    this.#opening = config.opening ?? ''
  }

  override begin(connection: unknown): Promise<unknown> {
    return this.query(connection, `begin;${this.#opening}`)
  }
}

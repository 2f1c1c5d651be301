import type { Knex } from 'knex'

/** A sites domain that somebody else has proven takes the names along that it gave; whoever decides that sees all teams. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('grant delete on domains to hostler_system')
}

import type { Knex } from 'knex'

/** Which relay was seen last on a server, as `boot_id` says which start of the machine: another one, or none, may serve nothing. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table servers add column relay_id text')
}

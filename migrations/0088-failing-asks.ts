import type { Knex } from 'knex'

/** What cannot be asked is asked more and more seldom. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table previews add column ask_failures integer not null default 0')
}

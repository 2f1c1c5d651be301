import type { Knex } from 'knex'

/** Which start of the machine was seen last: another one means that what ran there may have to be started again. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table servers add column boot_id text')
}

import type { Knex } from 'knex'

/** A token may also what its maker's built-in role comes to allow in a later version, as its maker may. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table directory_tokens
      add column role text check (role in ('owner', 'admin', 'developer', 'billing', 'viewer'));
  `)
}

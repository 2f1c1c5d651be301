import type { Knex } from 'knex'

/**
 * Whether the account was made by this identity. Where it was not, what its provider says proves no more than who comes:
 * whoever runs the provider may not change the account (SO-02).
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw('alter table identities add column made_account boolean not null default false')
}

import type { Knex } from 'knex'

/** Whoever gives a token says whether others may see the names of all that it reads: never more than was said. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    alter table repository_connections
      add column offers_repositories boolean not null default false,
      add constraint only_a_token_offers check (token_sealed is not null or not offers_repositories);
  `)
}
